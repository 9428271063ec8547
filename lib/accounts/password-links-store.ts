import { and, eq, gt, isNull } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { owners, password_links } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { lockAccount, setPasswordHash } from "@/lib/owners/store"
import { revokeSessionsBut } from "@/lib/sessions/store"

/** Stores a link and ends an earlier one of the same account. */
export async function insertPasswordLink(
  tx: Db,
  fields: Omit<typeof password_links.$inferInsert, "created_at" | "used_at">,
  event: AuditEvent,
): Promise<void> {
  await tx.delete(password_links).where(eq(password_links.owner_id, fields.owner_id))
  await tx.insert(password_links).values({ ...fields, created_at: now() })
  await recordEvent(tx, event)
  await recordEvent(tx, { ...event, owner_id: null })
}

const usable = (hash: string) =>
  and(
    eq(password_links.hash, hash),
    isNull(password_links.used_at),
    gt(password_links.expires_at, now()),
    isNull(owners.disabled_at),
  )

/** The account of a link; undefined if it was used or has expired. */
export async function findPasswordLink(hash: string): Promise<{ owner_id: number; username: string } | undefined> {
  const [link] = await read()
    .select({ owner_id: owners.id, username: owners.username })
    .from(password_links)
    .innerJoin(owners, eq(owners.id, password_links.owner_id))
    .where(usable(hash))
  return link
}

/** Uses the link: sets the password and ends every session. False if it was already used. */
export async function usePasswordLink(
  hash: string,
  owner_id: number,
  password_hash: string,
  event: AuditEvent,
): Promise<boolean> {
  return write(async (tx) => {
    // Locked, so that the account cannot be disabled at the same time.
    const account = await lockAccount(tx, owner_id)
    if (!account || account.disabled_at) return false
    const used = await tx
      .update(password_links)
      .set({ used_at: now() })
      .where(and(eq(password_links.hash, hash), isNull(password_links.used_at), gt(password_links.expires_at, now())))
      .returning()
    if (used.length === 0) return false
    await setPasswordHash(tx, owner_id, password_hash)
    await revokeSessionsBut(tx, owner_id, null, now())
    await recordEvent(tx, event)
    return true
  })
}

/** Part of the write that deletes an account. */
export async function deletePasswordLinks(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(password_links).where(eq(password_links.owner_id, owner_id))
}
