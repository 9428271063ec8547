import { and, eq, like, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { webhook_secrets } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

const byOwner = preparedQuery("webhook_secret", (db) =>
  db
    .select({
      key: webhook_secrets.key,
      previous_key: webhook_secrets.previous_key,
      rotated_at: webhook_secrets.rotated_at,
    })
    .from(webhook_secrets)
    .where(eq(webhook_secrets.owner_id, sql.placeholder("owner_id"))),
)

export async function findKey(owner_id: number): Promise<string | undefined> {
  const [row] = await byOwner().execute({ owner_id })
  return row?.key
}

/** The current key with the previous one and the time of rotation. */
export async function findKeys(owner_id: number) {
  const [row] = await byOwner().execute({ owner_id })
  return row
}

/** Rotates the key, keeping the current one as the previous. */
export async function rotateKey(
  tx: Db,
  owner_id: number,
  key: string,
  rotated_at: string,
  event: AuditEvent,
): Promise<void> {
  await tx
    .update(webhook_secrets)
    .set({ key, previous_key: sql`${webhook_secrets.key}`, rotated_at })
    .where(eq(webhook_secrets.owner_id, owner_id))
  await recordEvent(tx, event)
}

/** Inserts the key. Idempotent: an existing key wins. */
export async function insertKey(owner_id: number, key: string, created_at: string): Promise<void> {
  await write(async (tx) => {
    await tx.insert(webhook_secrets).values({ owner_id, key, created_at }).onConflictDoNothing()
  })
}

/** Replaces a key if it is still the given one. */
export async function replaceKey(owner_id: number, old: string, key: string): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(webhook_secrets)
      .set({ key })
      .where(and(eq(webhook_secrets.owner_id, owner_id), eq(webhook_secrets.key, old)))
  })
}

export const listKeysLike = async (pattern: string): Promise<{ owner_id: number; key: string }[]> =>
  read()
    .select({ owner_id: webhook_secrets.owner_id, key: webhook_secrets.key })
    .from(webhook_secrets)
    .where(like(webhook_secrets.key, pattern))

/** Run inside the write that deletes an account. */
export async function deleteKey(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(webhook_secrets).where(eq(webhook_secrets.owner_id, owner_id))
}
