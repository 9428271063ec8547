import { and, count, eq, inArray, isNull, lt } from "drizzle-orm"

import { read, write, writeStatement, type Db } from "@/db"
import { recovery_codes, second_factors } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { revokeSessionsBut } from "@/lib/sessions/store"

export type Factor = typeof second_factors.$inferSelect

export async function findFactor(owner_id: number, db: Db = read()): Promise<Factor | undefined> {
  const [factor] = await db.select().from(second_factors).where(eq(second_factors.owner_id, owner_id))
  return factor
}

/** Which of the accounts have a second factor. */
export async function listTwoFactorAccounts(ids: number[]): Promise<number[]> {
  if (ids.length === 0) return []
  return (
    await read()
      .select({ id: second_factors.owner_id })
      .from(second_factors)
      .where(inArray(second_factors.owner_id, ids))
  ).map(({ id }) => id)
}

/** Stores a factor with its recovery codes and ends every session but one. False if there is already one. */
export async function insertFactor(
  tx: Db,
  fields: Omit<Factor, "created_at">,
  hashes: string[],
  keptSession: string | null,
  event: AuditEvent,
): Promise<boolean> {
  const at = now()
  const inserted = await tx
    .insert(second_factors)
    .values({ ...fields, created_at: at })
    .onConflictDoNothing()
    .returning({ id: second_factors.owner_id })
  if (inserted.length === 0) return false
  await exchangeCodes(tx, fields.owner_id, hashes)
  const ended = await revokeSessionsBut(tx, fields.owner_id, keptSession, at)
  await recordEvent(tx, { ...event, details: { ...event.details, sessions_ended: ended } })
  return true
}

/** Records the time step of an accepted code. False if that or a later one was used before. */
export async function spendStep(owner_id: number, step: number): Promise<boolean> {
  const spent = await writeStatement((tx) =>
    tx
      .update(second_factors)
      .set({ last_step: step })
      .where(and(eq(second_factors.owner_id, owner_id), lt(second_factors.last_step, step)))
      .returning({ id: second_factors.owner_id }),
  )
  return spent.length > 0
}

const unused = (owner_id: number) => and(eq(recovery_codes.owner_id, owner_id), isNull(recovery_codes.used_at))

export async function listUnusedHashes(owner_id: number): Promise<string[]> {
  return (await read().select({ hash: recovery_codes.hash }).from(recovery_codes).where(unused(owner_id))).map(
    ({ hash }) => hash,
  )
}

/** Uses a recovery code. False if it was already used. */
export async function spendRecoveryCode(owner_id: number, hash: string, event: AuditEvent): Promise<boolean> {
  return write(async (tx) => {
    const spent = await tx
      .update(recovery_codes)
      .set({ used_at: now() })
      .where(and(unused(owner_id), eq(recovery_codes.hash, hash)))
      .returning({ id: recovery_codes.owner_id })
    if (spent.length === 0) return false
    const [left] = await tx.select({ codes: count() }).from(recovery_codes).where(unused(owner_id))
    await recordEvent(tx, { ...event, details: { ...event.details, left: left!.codes } })
    return true
  })
}

/** Replaces all recovery codes. False if there is no factor. */
export async function replaceRecoveryCodes(
  tx: Db,
  owner_id: number,
  hashes: string[],
  event: AuditEvent,
): Promise<boolean> {
  const [factor] = await tx
    .select({ id: second_factors.owner_id })
    .from(second_factors)
    .where(eq(second_factors.owner_id, owner_id))
  if (!factor) return false
  await exchangeCodes(tx, owner_id, hashes)
  await recordEvent(tx, event)
  return true
}

async function exchangeCodes(tx: Db, owner_id: number, hashes: string[]) {
  await tx.delete(recovery_codes).where(eq(recovery_codes.owner_id, owner_id))
  await tx.insert(recovery_codes).values(hashes.map((hash) => ({ owner_id, hash })))
}

/** Deletes the factor and its recovery codes. False if there is none. */
export async function deleteFactor(tx: Db, owner_id: number, ...events: AuditEvent[]): Promise<boolean> {
  if (!(await forgetFactor(tx, owner_id))) return false
  for (const event of events) await recordEvent(tx, event)
  return true
}

/** Part of a write after which the account has no second factor. */
export async function forgetFactor(tx: Db, owner_id: number): Promise<boolean> {
  await tx.delete(recovery_codes).where(eq(recovery_codes.owner_id, owner_id))
  return (
    (
      await tx
        .delete(second_factors)
        .where(eq(second_factors.owner_id, owner_id))
        .returning({ id: second_factors.owner_id })
    ).length > 0
  )
}
