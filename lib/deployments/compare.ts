import type { Actor } from "@/lib/auth/actor"
import { missing, nullIfNotFound } from "@/lib/problem"
import { changesBetween, type Change } from "@/lib/versions/changes"
import type { Form } from "@/lib/versions/form"
import { getForm } from "@/lib/versions/version"
import type { Deployment, Release } from "./row"
import { listReleaseRows } from "./store"

type Made = Awaited<ReturnType<typeof listReleaseRows>>[number]

export type Comparison = {
  older: Made
  newer: Made
  /**
   * Changes for callers, breaking ones first; null if one of the versions is deleted, hidden from the actor, or has too
   * large a form.
   */
  changes: Change[] | null
}

/**
 * Compares two releases of a deployment. Throws `missing` if there is no such release. The caller has checked that the
 * actor may see it.
 */
export async function compareReleases(
  actor: Actor,
  deployment: Deployment,
  from: number,
  to: number,
): Promise<Comparison> {
  const [older, newer] = await Promise.all([from, to].map((number) => getMade(deployment, number)))
  return { older: older!, newer: newer!, changes: await changesForCallers(actor, older!.release, newer!.release) }
}

async function getMade({ id }: Deployment, number: number): Promise<Made> {
  const [row] = await listReleaseRows(id, number + 1, 1)
  if (row?.release.number !== number) throw missing()
  return row
}

async function changesForCallers(actor: Actor, older: Release, newer: Release): Promise<Change[] | null> {
  if (older.model_id === newer.model_id && older.version === newer.version) return []
  const [before, after] = await Promise.all([older, newer].map((release) => formOfRelease(actor, release)))
  return before && after ? changesBetween(before, after) : null
}

async function formOfRelease(actor: Actor, { model, version }: Release): Promise<Form | null> {
  const [owner = "", name = ""] = model.split("/")
  const form = await nullIfNotFound(getForm(actor, owner, name, version))
  return form?.too_large ? null : form
}
