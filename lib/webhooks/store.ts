import { eq, sql } from "drizzle-orm"

import { hot, write } from "@/db"
import { webhook_secrets } from "@/db/schema"

const byOwner = hot("webhook_secret", (db) =>
  db.select({ key: webhook_secrets.key }).from(webhook_secrets).where(eq(webhook_secrets.owner_id, sql.placeholder("owner_id"))))

export async function findSecret(owner_id: number): Promise<string | undefined> {
  const [row] = await byOwner().execute({ owner_id })
  return row?.key
}

/** Keeps the key unless the owner has one already; answers the one that is kept. */
export async function insertSecret(owner_id: number, key: string, created_at: string): Promise<string> {
  await write(async (tx) => {
    await tx.insert(webhook_secrets).values({ owner_id, key, created_at }).onConflictDoNothing()
  })
  return (await findSecret(owner_id))!
}
