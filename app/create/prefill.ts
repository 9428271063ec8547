import { createModelFields, type CreateModelField } from "@/lib/models/fields"
import { CreateModelInput } from "@/lib/models/schema"
import { param } from "@/lib/next/page"
import type { Fields } from "@/lib/problem"

export type CreateValues = Record<CreateModelField, string>

type Choices = {
  owners: { username: string; refused: string | null }[]
  hardware: { sku: string; reason: string | null }[]
  preferredHardware: string
}

/**
 * The form's initial values from the query. An unavailable choice becomes a note and the default stays; an invalid
 * text stays, with its error beside it.
 */
export function prefill(
  query: Record<string, string | string[] | undefined>,
  { owners, hardware, preferredHardware }: Choices,
) {
  const asked = Object.fromEntries(
    createModelFields.map((field) => [field, (param(query[field]) ?? "").slice(0, 4000)]),
  ) as CreateValues
  const notes: string[] = []
  const fields: Fields = {}

  const owner = owners.find(({ username }) => username === asked.owner)
  const row = hardware.find(({ sku }) => sku === asked.hardware)
  const choose = (value: string, allowed: boolean, usual: string, note: string) => {
    if (value && !allowed) notes.push(note)
    return value && allowed ? value : usual
  }
  const values: CreateValues = {
    ...asked,
    owner: choose(
      asked.owner,
      owner?.refused === null,
      owners[0]?.username ?? "",
      `You cannot create models for “${shortened(asked.owner)}”. Your account is selected instead.${owner?.refused ? ` ${owner.refused}` : ""}`,
    ),
    visibility: choose(
      asked.visibility,
      CreateModelInput.shape.visibility.safeParse(asked.visibility).success,
      "private",
      `“${shortened(asked.visibility)}” is not a visibility. Use public or private.`,
    ),
    hardware: choose(
      asked.hardware,
      row?.reason === null,
      preferredHardware,
      row ? `${row.sku} is not available. ${row.reason}` : `There is no hardware named “${shortened(asked.hardware)}”.`,
    ),
  }

  for (const field of ["name", "description", "github_url", "paper_url", "license_url", "cover_image_url"] as const) {
    if (!asked[field]) continue
    const complaint = CreateModelInput.shape[field].safeParse(asked[field]).error?.issues[0]?.message
    if (complaint) fields[field] = complaint
  }
  return { values, notes, fields }
}

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
