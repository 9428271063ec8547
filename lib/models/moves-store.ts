import { and, desc, eq, inArray, isNull, or } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { alias } from "@/db/kit"
import { former_names, models, owners, transfers } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { releaseModelSlot, reserveModelSlot } from "@/lib/owners/store"
import { bytesHeldBy } from "@/lib/registry/store"
import { indexModel } from "./search-store"
import { refreshCachedJson } from "./cached-json-store"

/** Whether any model shows this upload. Asks the newest state, so that a claim that was just made counts. */
export async function coverIsUsed(cover_upload: string): Promise<boolean> {
  const [model] = await read()
    .select({ id: models.id })
    .from(models)
    .where(eq(models.cover_upload, cover_upload))
    .limit(1)
  return model !== undefined
}

/** Gives a model another name under its owner; its old one leads to it from now on. */
export async function renameRow(id: number, name: string, event: AuditEvent): Promise<"renamed" | "taken" | "gone"> {
  return write(async (tx) => {
    const model = await place(tx, id)
    if (!model) return "gone"
    if (model.name === name) return "renamed"
    if (await isNameInUse(tx, model.owner_id, name)) return "taken"
    await move(tx, id, model, { owner_id: model.owner_id, name })
    await recordEvent(tx, event)
    return "renamed"
  })
}

type Place = { owner_id: number; name: string }

async function place(tx: Db, id: number): Promise<Place | undefined> {
  const [model] = await tx
    .select({ owner_id: models.owner_id, name: models.name })
    .from(models)
    .where(eq(models.id, id))
  return model
}

async function isNameInUse(tx: Db, owner_id: number, name: string) {
  const [model] = await tx
    .select({ id: models.id })
    .from(models)
    .where(and(eq(models.owner_id, owner_id), eq(models.name, name)))
  return model !== undefined
}

/** A name that is lived in leads nowhere else, so following a former name always ends at the model itself. */
async function move(tx: Db, id: number, from: Place, to: Place) {
  await tx
    .update(models)
    .set({ ...to, updated_at: now() })
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

export type Transfer = Awaited<ReturnType<typeof selectTransfers>>[number]

const open = isNull(transfers.ended_at)

/** Offers with what both sides need to decide. */
function selectTransfers(where: ReturnType<typeof and>, limit: number) {
  const receivers = alias(owners, "receivers")
  return read()
    .select({
      id: transfers.id,
      model_id: transfers.model_id,
      from_id: transfers.from_id,
      to_id: transfers.to_id,
      from: owners.username,
      to: receivers.username,
      name: models.name,
      description: models.description,
      visibility: models.visibility,
      created_at: transfers.created_at,
      ended_at: transfers.ended_at,
      outcome: transfers.outcome,
    })
    .from(transfers)
    .innerJoin(models, eq(models.id, transfers.model_id))
    .innerJoin(owners, eq(owners.id, transfers.from_id))
    .innerJoin(receivers, eq(receivers.id, transfers.to_id))
    .where(where)
    .orderBy(desc(transfers.id))
    .limit(limit)
}

/** The open offers to or from any of these accounts, newest first. */
export const listOpenTransferRows = (side: "to" | "from", owner_ids: number[], limit: number): Promise<Transfer[]> =>
  Promise.resolve(
    selectTransfers(and(inArray(side === "to" ? transfers.to_id : transfers.from_id, owner_ids), open), limit),
  )

/** The offer of that number to one of these accounts, while it stands. */
export async function findOpenTransfer(id: number, to_ids: number[]): Promise<Transfer | undefined> {
  const [transfer] = await selectTransfers(and(eq(transfers.id, id), inArray(transfers.to_id, to_ids), open), 1)
  return transfer
}

/** The offer of a model that stands, or else the one that ended last, as long as the model has not changed hands since. */
export async function lastTransferOf(model_id: number, owner_id: number): Promise<Transfer | undefined> {
  const [transfer] = await selectTransfers(
    and(eq(transfers.model_id, model_id), or(open, eq(transfers.from_id, owner_id))),
    1,
  )
  return transfer
}

/** False when the model is offered to somebody already. */
export async function insertTransfer(
  fields: Pick<typeof transfers.$inferInsert, "model_id" | "from_id" | "to_id" | "offered_by">,
  event: AuditEvent,
): Promise<boolean> {
  return write(async (tx) => {
    const rows = await tx
      .insert(transfers)
      .values({ ...fields, created_at: now() })
      .onConflictDoNothing()
      .returning({ id: transfers.id })
    if (rows.length > 0) await recordEvent(tx, event)
    return rows.length > 0
  })
}

/** Ends an offer that stands without moving the model; false when it has ended. */
export async function endTransfer(id: number, outcome: "declined" | "withdrawn", event: AuditEvent): Promise<boolean> {
  return write(async (tx) => {
    const ended = await settle(tx, id, outcome)
    if (ended.length > 0) await recordEvent(tx, event)
    return ended.length > 0
  })
}

const settle = (tx: Db, id: number, outcome: "accepted" | "declined" | "withdrawn") =>
  tx
    .update(transfers)
    .set({ ended_at: now(), outcome })
    .where(and(eq(transfers.id, id), open))
    .returning({ id: transfers.id })

/** Part of the write that takes a right from somebody, or closes an account: offers that hang on it are taken back. Answers how many. */
export async function withdrawOffers(
  tx: Db,
  which: { from_id?: number; to_id?: number; offered_by?: number },
): Promise<number> {
  const named = (["from_id", "to_id", "offered_by"] as const).flatMap((column) =>
    which[column] === undefined ? [] : [eq(transfers[column], which[column])],
  )
  const ended = await tx
    .update(transfers)
    .set({ ended_at: now(), outcome: "withdrawn" })
    .where(and(open, ...named))
    .returning({ id: transfers.id })
  return ended.length
}

/** Hands the model over under the given name. Whatever is in the way leaves everything, the offer too, as it was. */
export async function acceptTransferRow(
  id: number,
  name: string,
  room: { slots: number; bytes: number },
  events: AuditEvent[],
): Promise<"moved" | "gone" | "taken" | "full" | "heavy"> {
  return write(async (tx) => {
    const [transfer] = await tx
      .select()
      .from(transfers)
      .where(and(eq(transfers.id, id), open))
    const model = transfer && (await place(tx, transfer.model_id))
    if (!model || model.owner_id !== transfer.from_id) return "gone"
    if (await isNameInUse(tx, transfer.to_id, name)) return "taken"
    if (room.bytes !== Infinity && (await bytesHeldBy(transfer.to_id, tx, transfer.model_id)) > room.bytes)
      return "heavy"
    if (!(await reserveModelSlot(tx, transfer.to_id, room.slots))) return "full"
    await releaseModelSlot(tx, transfer.from_id)
    await move(tx, transfer.model_id, model, { owner_id: transfer.to_id, name })
    await settle(tx, id, "accepted")
    for (const event of events) await recordEvent(tx, event)
    return "moved"
  })
}
