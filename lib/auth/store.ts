import { eq } from "drizzle-orm"

import { read, writeStatement } from "@/db"
import { dialect } from "@/db/kit"
import { settings } from "@/db/schema"
import { now } from "@/lib/clock"

/** Whether other servers may use the same database. */
export const isShared = dialect === "pg"

/** The secret that all servers share: the first one's proposal. */
export async function insertOrReadSecret(proposal: string): Promise<string> {
  const name = "AUTH_SECRET"
  await writeStatement(async (tx) =>
    tx.insert(settings).values({ name, value: proposal, changed_at: now() }).onConflictDoNothing(),
  )
  const [row] = await read().select().from(settings).where(eq(settings.name, name))
  return row!.value
}
