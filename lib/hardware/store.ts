import { asc, desc, eq, sql } from "drizzle-orm"

import { preparedQuery, read, type Db } from "@/db"
import { hardware, hardware_changes, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"

export type Hardware = typeof hardware.$inferSelect

const everyRow = preparedQuery("hardware_all", (db) =>
  db.select().from(hardware).orderBy(asc(hardware.sort), asc(hardware.sku)),
)

const oneRow = preparedQuery("hardware_one", (db) =>
  db
    .select()
    .from(hardware)
    .where(eq(hardware.sku, sql.placeholder("sku"))),
)

export const listHardwareRows = async (): Promise<Hardware[]> => everyRow().execute()

export async function findHardwareRow(sku: string): Promise<Hardware | undefined> {
  const [row] = await oneRow().execute({ sku })
  return row
}

export type HardwareChange = Pick<typeof hardware_changes.$inferSelect, "id" | "sku" | "changes" | "changed_at"> & {
  name: string
  changed_by: string | null
}

type Changes = (typeof hardware_changes.$inferSelect)["changes"]

/** Changes a row and records the change. Returns the new row; undefined if there is none. */
export async function updateHardwareRow(
  tx: Db,
  sku: string,
  fields: Partial<Hardware>,
  changes: Changes,
  changed_by: number,
  event: AuditEvent,
  guard?: Guard<Hardware>,
): Promise<Hardware | undefined> {
  if (guard) for (const current of await tx.select().from(hardware).where(eq(hardware.sku, sku))) guard(current)
  const [row] = await tx.update(hardware).set(fields).where(eq(hardware.sku, sku)).returning()
  if (!row) return undefined
  await tx.insert(hardware_changes).values({ sku, changes, changed_by, changed_at: now() })
  await recordEvent(tx, event)
  return row
}

/** Adds a row and records it as the first entry of its history. False if the SKU is taken. */
export async function insertHardwareRow(
  tx: Db,
  row: Hardware,
  changes: Changes,
  changed_by: number,
  event: AuditEvent,
): Promise<boolean> {
  const added = await tx.insert(hardware).values(row).onConflictDoNothing().returning({ sku: hardware.sku })
  if (added.length === 0) return false
  await tx.insert(hardware_changes).values({ sku: row.sku, changes, changed_by, changed_at: now() })
  await recordEvent(tx, event)
  return true
}

/** The latest `limit` changes to the catalogue, newest first. */
export async function listHardwareChangeRows(limit: number): Promise<HardwareChange[]> {
  return read()
    .select({
      id: hardware_changes.id,
      sku: hardware_changes.sku,
      name: hardware.name,
      changes: hardware_changes.changes,
      changed_at: hardware_changes.changed_at,
      changed_by: owners.username,
    })
    .from(hardware_changes)
    .innerJoin(hardware, eq(hardware.sku, hardware_changes.sku))
    .leftJoin(owners, eq(owners.id, hardware_changes.changed_by))
    .orderBy(desc(hardware_changes.changed_at), desc(hardware_changes.id))
    .limit(limit)
}
