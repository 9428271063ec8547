import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { missing } from "@/lib/problem"
import { alreadyExists, getModel, getManagedModel, requireCanManage } from "./model"
import { renameRow } from "./moves-store"
import { RenameModelInput } from "./schema"
import type { Model } from "./row"
import { writeModelAs } from "./write"

const renamesPerHour = 30

/**
 * Renames a model. Its old name redirects until the owner uses it again. Throws what `getManagedModel` throws,
 * `invalid` for a bad name, and `conflict` if the owner has a model of that name.
 */
export async function renameModel(actor: Actor, owner: string, name: string, input: RenameModelInput): Promise<Model> {
  const model = await getManagedModel(actor, owner, name)
  const { name: newName } = RenameModelInput.parse(input)
  await consumeRateLimit(`rename:${model.owner_id}`, renamesPerHour, 3600, "Too many renames in this account.")
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "model.renamed",
    subject: newName,
    details: { name_was: name },
  })
  const outcome = await writeModelAs(actor, model, requireCanManage, (tx) => renameRow(tx, model.id, newName, event))
  if (outcome === "taken") throw alreadyExists()
  if (outcome === "gone") throw missing()
  return getModel(actor, owner, newName)
}
