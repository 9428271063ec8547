import type { Db } from "@/db"
import { writeAs } from "@/lib/access/write-as"
import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"
import { invalid, missing } from "@/lib/problem"
import { listHardware, isAvailableForModels, type Hardware } from "./hardware"
import { AddHardwareInput, UpdateHardwareInput } from "./schema"
import { insertHardwareRow, listHardwareChangeRows, updateHardwareRow, type HardwareChange } from "./store"

export type { HardwareChange }

/** Changes a row and records the change with its date. Throws `missing`, and `invalid` if the name is in use. */
export async function updateHardware(
  actor: Actor,
  sku: string,
  input: UpdateHardwareInput,
  guard?: Guard<Hardware>,
): Promise<Hardware> {
  requireAdministrator(actor)
  const rows = await listHardware()
  const row = rows.find((row) => row.sku === sku)
  if (!row) throw missing()
  const { usd_per_second, open, reason, ...sent } = UpdateHardwareInput.parse({ reason: null, ...input })
  const { name = row.name, gpus, cpus = row.cpus, gpu_ram_gb = row.gpu_ram_gb, ram_gb = row.ram_gb } = sent
  const others = row.selectable_for.filter((what) => what !== "model")
  const fields = {
    usd_per_second,
    reason,
    name,
    gpus: gpus ?? row.gpus,
    cpus,
    gpu_ram_gb,
    ram_gb,
    selectable_for: open ? (["model", ...others] as const).slice() : others,
  }
  requireOwnName(rows, sku, name)

  const was = shown(row)
  const is = shown(fields)
  const changed = (Object.keys(was) as (keyof typeof was)[]).filter((field) => was[field] !== is[field])
  if (changed.length === 0) return row

  const changes = Object.fromEntries(changed.map((field) => [field, { was: was[field], is: is[field] }]))
  const details = Object.fromEntries(
    changed.flatMap((field) => [
      [`${field}_was`, was[field]],
      [field, is[field]],
    ]),
  )
  const event = auditEvent({ actor, owner_id: null, action: "hardware.changed", subject: sku, details })
  const updated = await writeAs(actor, { administrator: true }, (tx) =>
    updateHardwareRow(tx, sku, fields, changes, actor.owner_id, event, guard),
  )
  if (!updated) throw missing()
  return updated
}

/** Adds a row at the end of the catalogue. Throws `invalid` if the SKU, an alias or the name is in use. */
export async function addHardware(actor: Actor, input: AddHardwareInput): Promise<void> {
  requireAdministrator(actor)
  const { sku, open, gpus, ...fields } = AddHardwareInput.parse({ reason: null, ...input })
  const rows = await listHardware()
  if (rows.some((row) => row.sku === sku || row.aliases.includes(sku))) throw skuIsTaken(sku)
  requireOwnName(rows, sku, fields.name)

  const sort = Math.max(0, ...rows.map((row) => row.sort)) + 10
  const row: Hardware = { ...fields, sku, gpus: gpus ?? 0, selectable_for: open ? ["model"] : [], aliases: [], sort }
  const changes = Object.fromEntries(
    Object.entries(shown(row)).flatMap(([field, is]) => (is === null ? [] : [[field, { was: null, is }]])),
  )
  const event = auditEvent({
    actor,
    owner_id: null,
    action: "hardware.added",
    subject: sku,
    details: { usd_per_second: row.usd_per_second },
  })
  const insert = (tx: Db) => insertHardwareRow(tx, row, changes, actor.owner_id, event)
  if (!(await writeAs(actor, { administrator: true }, insert))) throw skuIsTaken(sku)
}

const skuIsTaken = (sku: string) => invalid({ sku: `The SKU ${sku} already exists.` })

/** Throws `invalid` if another row has this name: people choose by name. */
function requireOwnName(rows: Hardware[], sku: string, name: string) {
  if (rows.some((row) => row.sku !== sku && row.name.toLowerCase() === name.toLowerCase()))
    throw invalid({ name: `The name ${name} already exists.` })
}

const count = (number: number | null) => (number === null ? null : String(number))

/** A row in the history of changes. */
const shown = (row: Omit<Hardware, "sku" | "aliases" | "sort">) => ({
  usd_per_second: row.usd_per_second,
  availability: isAvailableForModels(row) ? "open" : "closed",
  reason: row.reason,
  name: row.name,
  gpus: count(row.gpus),
  cpus: count(row.cpus),
  gpu_ram_gb: count(row.gpu_ram_gb),
  ram_gb: count(row.ram_gb),
})

/** The newest changes of the catalogue. They are public, like the prices. */
export const listHardwareChanges = (limit = 100): Promise<HardwareChange[]> => listHardwareChangeRows(limit)
