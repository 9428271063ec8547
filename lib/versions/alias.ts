import type { Db } from "@/db"
import type { Actor } from "@/lib/auth/actor"
import { getModel, getEditableModel, requireCanEdit } from "@/lib/models/model"
import { writeModelAs } from "@/lib/models/write"
import { invalid, missing } from "@/lib/problem"
import { auditEvent } from "@/lib/events/record"
import { deleteAlias, findAlias, listAliasRows, moveAlias, type Alias } from "./alias-store"
import { AliasName, isToolTag, latestFollows, SetAliasInput } from "./schema"
import { getVersion } from "./version"

export type { Alias }

/** The maximum number of aliases; the list has no pages. */
export const maxAliases = 1000

/**
 * The aliases of a model's versions, sorted by name: all tags except those of tools, limited to the last moved ones.
 * Throws what `getModel` throws.
 */
export async function listAliases(actor: Actor | null, owner: string, name: string): Promise<Alias[]> {
  const rows = await listAliasRows((await getModel(actor, owner, name)).id, maxAliases)
  return rows.filter((alias) => !isToolTag(alias.name))
}

/** Points an alias to a version, creating or moving it. Throws what `getEditableModel` and `getVersion` throw. */
export async function setAlias(
  actor: Actor,
  owner: string,
  name: string,
  alias: string,
  input: SetAliasInput,
): Promise<Alias> {
  const model = await getEditableModel(actor, owner, name)
  const label = AliasName.safeParse(alias)
  if (!label.success) throw invalid({ alias: label.error.issues[0]!.message })
  const { version } = SetAliasInput.parse(input)
  await getVersion(actor, owner, name, version)
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "alias.moved",
    subject: name,
    details: { alias: label.data, version },
  })
  if (!(await writeModelAs(actor, model, requireCanEdit, (tx) => moveAlias(tx, model.id, label.data, version, event))))
    throw invalid({ version: "This version has no image, so it cannot have an alias." })
  const moved = await findAlias(model.id, label.data)
  if (!moved) throw missing()
  return moved
}

/** Deletes an alias; the version stays. Throws `missing` if there is no such alias, and `invalid` for `latest`. */
export async function removeAlias(actor: Actor, owner: string, name: string, alias: string): Promise<void> {
  const model = await getEditableModel(actor, owner, name)
  const known = (await findAlias(model.id, alias)) !== undefined
  if (known && alias === "latest") throw invalid({ alias: latestFollows })
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "alias.removed",
    subject: name,
    details: { alias },
  })
  const remove = (tx: Db) => deleteAlias(tx, model.id, alias, event)
  if (!known || !(await writeModelAs(actor, model, requireCanEdit, remove))) throw missing()
}
