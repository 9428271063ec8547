import { and, eq } from "drizzle-orm"

import { type Db } from "@/db"
import { former_names, models } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { meterModel } from "@/lib/instances/instance"
import { indexModel } from "./search-store"
import { refreshCachedJson } from "./cached-json-store"

/** Renames a model; its old name redirects to it. */
export async function renameRow(
  tx: Db,
  id: number,
  name: string,
  event: AuditEvent,
): Promise<"renamed" | "taken" | "gone"> {
  const model = await findPosition(tx, id)
  if (!model) return "gone"
  if (model.name === name) return "renamed"
  if (await isNameInUse(tx, model.owner_id, name)) return "taken"
  await moveModel(tx, id, model, { owner_id: model.owner_id, name })
  await recordEvent(tx, event)
  return "renamed"
}

/** The owner and name of a model. */
export type ModelPosition = { owner_id: number; name: string }

export async function findPosition(tx: Db, id: number): Promise<ModelPosition | undefined> {
  const [model] = await tx
    .select({ owner_id: models.owner_id, name: models.name })
    .from(models)
    .where(eq(models.id, id))
  return model
}

export async function isNameInUse(tx: Db, owner_id: number, name: string) {
  const [model] = await tx
    .select({ id: models.id })
    .from(models)
    .where(and(eq(models.owner_id, owner_id), eq(models.name, name)))
  return model !== undefined
}

/**
 * Part of the write that renames or transfers a model. A name in use never redirects, so a former name always leads to
 * the model itself.
 */
export async function moveModel(tx: Db, id: number, from: ModelPosition, to: ModelPosition) {
  if (to.owner_id !== from.owner_id) await meterModel(tx, id, now())
  await tx
    .update(models)
    .set({
      ...to,
      // An administrator's approval of Internet access does not pass to a new owner.
      ...(to.owner_id !== from.owner_id && { egress_allowed_at: null }),
      updated_at: now(),
    })
    .where(eq(models.id, id))
  await tx.delete(former_names).where(and(eq(former_names.owner_id, to.owner_id), eq(former_names.name, to.name)))
  const left = { model_id: id, left_at: now() }
  await tx
    .insert(former_names)
    .values({ ...from, ...left })
    .onConflictDoUpdate({ target: [former_names.owner_id, former_names.name], set: left })
  await refreshCachedJson(tx, id)
  await indexModel(tx, id)
}
