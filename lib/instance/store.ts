import { eq } from "drizzle-orm"

import { read, write } from "@/db"
import { settings } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type Happening } from "@/lib/events/store"

export const listSettingRows = (): Promise<(typeof settings.$inferSelect)[]> => Promise.resolve(read().select().from(settings))

/** Sets what has a text and takes back what has none, all or nothing. */
export async function keepSettings(values: Record<string, string | null>, happening: Happening): Promise<void> {
  await write(async (tx) => {
    const changed_at = now()
    for (const [name, value] of Object.entries(values)) {
      if (value === null) await tx.delete(settings).where(eq(settings.name, name))
      else await tx.insert(settings).values({ name, value, changed_at }).onConflictDoUpdate({ target: settings.name, set: { value, changed_at } })
    }
    await recordEvent(tx, happening)
  })
}
