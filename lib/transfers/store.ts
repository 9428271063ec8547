import { and, desc, eq, inArray, isNull, or } from "drizzle-orm"

import { read, type Db } from "@/db"
import { alias } from "@/db/kit"
import { models, owners, transfers } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { findPosition, isNameInUse, moveModel } from "@/lib/models/moves-store"
import { releaseModelSlot, reserveModelSlot } from "@/lib/owners/store"
import { bytesHeldBy } from "@/lib/images/blob-store"

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
      offered_by: transfers.offered_by,
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

/** The open offer with that ID to one of these accounts. */
export async function findOpenTransfer(id: number, to_ids: number[]): Promise<Transfer | undefined> {
  const [transfer] = await selectTransfers(and(eq(transfers.id, id), inArray(transfers.to_id, to_ids), open), 1)
  return transfer
}

/** The open offer of a model, or else the last one, unless the model has changed hands since. */
export async function lastTransferOf(model_id: number, owner_id: number): Promise<Transfer | undefined> {
  const [transfer] = await selectTransfers(
    and(eq(transfers.model_id, model_id), or(open, eq(transfers.from_id, owner_id))),
    1,
  )
  return transfer
}

/** False if the model is already offered. */
export async function insertTransfer(
  tx: Db,
  fields: Pick<typeof transfers.$inferInsert, "model_id" | "from_id" | "to_id" | "offered_by">,
  event: AuditEvent,
): Promise<boolean> {
  const rows = await tx
    .insert(transfers)
    .values({ ...fields, created_at: now() })
    .onConflictDoNothing()
    .returning({ id: transfers.id })
  if (rows.length > 0) await recordEvent(tx, event)
  return rows.length > 0
}

/** Ends an open offer without moving the model; false if it has ended. */
export async function endTransfer(
  tx: Db,
  id: number,
  outcome: "declined" | "withdrawn",
  event: AuditEvent,
): Promise<boolean> {
  const ended = await settle(tx, id, outcome)
  if (ended.length > 0) await recordEvent(tx, event)
  return ended.length > 0
}

const settle = (tx: Db, id: number, outcome: "accepted" | "declined" | "withdrawn") =>
  tx
    .update(transfers)
    .set({ ended_at: now(), outcome })
    .where(and(eq(transfers.id, id), open))
    .returning({ id: transfers.id })

/**
 * Part of the write that revokes a right or closes an account: withdraws the offers that depend on it. Returns their
 * number.
 */
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

/** Transfers the model under the given name. If something prevents it, nothing changes. */
export async function acceptTransferRow(
  tx: Db,
  id: number,
  name: string,
  room: { slots: number; bytes: number },
  events: AuditEvent[],
): Promise<"moved" | "gone" | "taken" | "full" | "heavy"> {
  const [transfer] = await tx
    .select()
    .from(transfers)
    .where(and(eq(transfers.id, id), open))
  const model = transfer && (await findPosition(tx, transfer.model_id))
  if (!model || model.owner_id !== transfer.from_id) return "gone"
  if (await isNameInUse(tx, transfer.to_id, name)) return "taken"
  if (room.bytes !== Infinity && (await bytesHeldBy(transfer.to_id, tx, transfer.model_id)) > room.bytes) return "heavy"
  if (!(await reserveModelSlot(tx, transfer.to_id, room.slots))) return "full"
  await releaseModelSlot(tx, transfer.from_id)
  await moveModel(tx, transfer.model_id, model, { owner_id: transfer.to_id, name })
  await settle(tx, id, "accepted")
  for (const event of events) await recordEvent(tx, event)
  return "moved"
}
