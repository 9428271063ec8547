import { id, index, integer, json, timestamp, table, text } from "@/db/kit"
import { owners } from "./owners"

/** The hardware catalogue, managed by administrators, initially filled from hardware.json. */
export const hardware = table("hardware", {
  sku: text().primaryKey(),
  name: text().notNull(),
  /** US dollars per second as an exact decimal, such as "0.000225". */
  usd_per_second: text().notNull(),
  gpus: integer().notNull(),
  cpus: integer(),
  gpu_ram_gb: integer(),
  ram_gb: integer(),
  selectable_for: json().$type<("model" | "deployment" | "training")[]>().notNull(),
  /** Why it is not available, as a sentence; null if it is. */
  reason: text(),
  /** Alternative SKUs that clients still send. */
  aliases: json().$type<string[]>().notNull(),
  sort: integer().notNull(),
})

/** The history of the catalogue: a row per change, with old and new values. */
export const hardware_changes = table(
  "hardware_changes",
  {
    id: id(),
    sku: text()
      .notNull()
      .references(() => hardware.sku),
    changes: json().$type<Record<string, { was: string | null; is: string | null }>>().notNull(),
    changed_by: integer().references(() => owners.id),
    changed_at: timestamp().notNull(),
  },
  (t) => [index("hardware_changes_newest").on(t.changed_at, t.id)],
)
