import { eq } from "drizzle-orm"

import { write } from "@/db"
import { owners } from "@/db/schema"
import { now } from "@/lib/clock"

/** Closes an account as an administrator will: its name stays, everything else of it stops. */
export async function closeAccount(username: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(owners).set({ disabled_at: now() }).where(eq(owners.username, username))
  })
}
