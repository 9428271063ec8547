import { isAvailableForModels, type Hardware } from "@/lib/hardware/hardware"

export const hardwareFields = [
  "name",
  "gpus",
  "cpus",
  "gpu_ram_gb",
  "ram_gb",
  "usd_per_second",
  "reason",
  "open",
] as const
export type HardwareValues = Record<(typeof hardwareFields)[number], string>

/** The form values of a row of the hardware catalogue. */
export const hardwareValues = (row: Hardware): HardwareValues => ({
  name: row.name,
  gpus: String(row.gpus),
  cpus: text(row.cpus),
  gpu_ram_gb: text(row.gpu_ram_gb),
  ram_gb: text(row.ram_gb),
  usd_per_second: row.usd_per_second,
  reason: row.reason ?? "",
  open: isAvailableForModels(row) ? "yes" : "no",
})

/** The values of the settings form. */
export const settingsOf = (settings: { name: string; set: string }[]): Record<string, string> =>
  Object.fromEntries(settings.map(({ name, set }) => [name, set]))

const text = (number: number | null) => (number === null ? "" : String(number))
