import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { did } from "@/lib/events/event"
import { missing } from "@/lib/problem"
import { listHardware, runsModels } from "./hardware"
import { UpdateHardwareInput } from "./schema"
import { listHardwareChangeRows, updateHardwareRow, type HardwareChange } from "./store"

export type { HardwareChange }

/** Changes the price of a row, whether models can be created on it, and why not. Every change is dated and kept. */
export async function updateHardware(actor: Actor, sku: string, input: UpdateHardwareInput): Promise<void> {
  requireAdministrator(actor)
  const row = (await listHardware()).find((row) => row.sku === sku)
  if (!row) throw missing()
  const { usd_per_second, open, reason } = UpdateHardwareInput.parse({ reason: null, ...input })
  const others = row.selectable_for.filter((what) => what !== "model")

  const was = { usd_per_second: row.usd_per_second, availability: runsModels(row) ? "open" : "closed", reason: row.reason }
  const is = { usd_per_second, availability: open ? "open" : "closed", reason }
  const changed = (Object.keys(was) as (keyof typeof was)[]).filter((field) => was[field] !== is[field])
  if (changed.length === 0) return

  const changes = Object.fromEntries(changed.map((field) => [field, { was: was[field], is: is[field] }]))
  const details = Object.fromEntries(changed.flatMap((field) => [[`${field}_was`, was[field]], [field, is[field]]]))
  const fields = { usd_per_second, reason, selectable_for: open ? (["model", ...others] as const).slice() : others }
  if (!(await updateHardwareRow(sku, fields, changes, actor.owner_id, did(actor, null, "hardware.changed", sku, details)))) throw missing()
}

/** The newest changes to the catalogue, for everybody to see: prices are public, and so is what they were. */
export const listHardwareChanges = (limit = 100): Promise<HardwareChange[]> => listHardwareChangeRows(limit)
