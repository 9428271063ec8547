import { and, eq, isNull, lt, or, sql } from "drizzle-orm"

import { preparedQuery, write, type Db } from "@/db"
import { idempotency_keys as keys } from "@/db/schema"

export type KeyRow = typeof keys.$inferSelect

const byKey = preparedQuery("idempotency_key", (db) =>
  db
    .select()
    .from(keys)
    .where(and(eq(keys.owner_id, sql.placeholder("owner_id")), eq(keys.key, sql.placeholder("key")))),
)

export async function findKey(owner_id: number, key: string): Promise<KeyRow | undefined> {
  const [row] = await byKey().execute({ owner_id, key })
  return row
}

/** Claims a key that is new, has expired, or whose holder has died. False if somebody else holds it. */
export async function takeKey(fields: typeof keys.$inferInsert, now: string): Promise<boolean> {
  const { request, claim, claimed_until, expires_at } = fields
  const taken = await write(async (tx) =>
    tx
      .insert(keys)
      .values(fields)
      .onConflictDoUpdate({
        target: [keys.owner_id, keys.key],
        set: { request, claim, claimed_until, expires_at, status: null, headers: null, body: null },
        setWhere: or(lt(keys.expires_at, now), and(isNull(keys.status), lt(keys.claimed_until, now))),
      })
      .returning({ claim: keys.claim }),
  )
  return taken.length > 0
}

/** The holder of a key. */
export type Holder = { owner_id: number; key: string; claim: string }

const heldBy = ({ owner_id, key, claim }: Holder) =>
  and(eq(keys.owner_id, owner_id), eq(keys.key, key), eq(keys.claim, claim))

export async function updateKey(holder: Holder, fields: Partial<KeyRow>): Promise<void> {
  await write(async (tx) => {
    await tx.update(keys).set(fields).where(heldBy(holder))
  })
}

export async function deleteKey(holder: Holder): Promise<void> {
  await write(async (tx) => {
    await tx.delete(keys).where(heldBy(holder))
  })
}

export async function deleteExpiredKeys(now: string): Promise<void> {
  await write(async (tx) => {
    await tx.delete(keys).where(lt(keys.expires_at, now))
  })
}

/** Deletes the keys of an account, within the write that deletes it. */
export async function deleteKeysOf(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(keys).where(eq(keys.owner_id, owner_id))
}
