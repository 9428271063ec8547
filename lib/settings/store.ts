import { eq } from "drizzle-orm"

import { read, type Db } from "@/db"
import { settings } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"

export type SettingRow = typeof settings.$inferSelect

export const listSettingRows = (): Promise<SettingRow[]> => Promise.resolve(read().select().from(settings))

/** Saves settings with a value and removes those without, all or nothing. Returns all that are set. */
export async function saveSettings(
  tx: Db,
  values: Record<string, string | null>,
  event: AuditEvent,
  guard?: Guard<SettingRow[]>,
): Promise<SettingRow[]> {
  guard?.(await tx.select().from(settings))
  const changed_at = now()
  for (const [name, value] of Object.entries(values)) {
    if (value === null) await tx.delete(settings).where(eq(settings.name, name))
    else
      await tx
        .insert(settings)
        .values({ name, value, changed_at })
        .onConflictDoUpdate({ target: settings.name, set: { value, changed_at } })
  }
  await recordEvent(tx, event)
  return tx.select().from(settings)
}
