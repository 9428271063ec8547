import { and, eq, gt, inArray, isNull, or } from "drizzle-orm"

import { read, type Db } from "@/db"
import { predictions, shares } from "@/db/schema"

export type Share = typeof shares.$inferSelect

export async function findShare(prediction: number): Promise<Share | undefined> {
  const [share] = await read().select().from(shares).where(eq(shares.prediction, prediction))
  return share
}

/** The share of a prediction, read inside a transaction. */
export async function readShare(tx: Db, prediction: number): Promise<Share | undefined> {
  const [share] = await tx.select().from(shares).where(eq(shares.prediction, prediction))
  return share
}

/** The share of a secret, unless it has expired. */
export async function findOpenShare(secret: string, now: string): Promise<Share | undefined> {
  const [share] = await read()
    .select()
    .from(shares)
    .where(and(eq(shares.secret, secret), or(isNull(shares.expires_at), gt(shares.expires_at, now))))
  return share
}

/** Stores a share, replacing an earlier one. */
export async function putShare(tx: Db, share: Share): Promise<void> {
  const { prediction: _, ...fields } = share
  await tx.insert(shares).values(share).onConflictDoUpdate({ target: shares.prediction, set: fields })
}

/** Returns the number deleted. */
export async function deleteShares(tx: Db, numbers: number[]): Promise<number> {
  const gone = await tx
    .delete(shares)
    .where(inArray(shares.prediction, numbers))
    .returning({ prediction: shares.prediction })
  return gone.length
}

/** Deletes all share links of an account. */
export async function deleteSharesOf(tx: Db, owner_id: number): Promise<void> {
  await tx
    .delete(shares)
    .where(
      inArray(
        shares.prediction,
        tx.select({ number: predictions.number }).from(predictions).where(eq(predictions.owner_id, owner_id)),
      ),
    )
}
