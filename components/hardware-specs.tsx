import { usdPerHour } from "@/lib/hardware/price"

/** A row of a hardware table. */
export type HardwareRow = {
  sku: string
  name: string
  usd_per_second: string
  gpus: number
  cpus: number | null
  gpu_ram_gb: number | null
  ram_gb: number | null
  /** Why it is not available; null if it is. */
  reason: string | null
  /** Whether a runner offers it now; otherwise runs wait. */
  offered: boolean
}

/** Text for hardware in the catalogue that no runner offers. */
export const notOffered = "no runner available"

export const gigabytes = (amount: number | null): string => (amount ? `${amount} GB` : "–")

/** "16 GB GPU RAM, 16 GB RAM, 4 CPUs": the specs in one line, for narrow screens. */
export function specsInWords({
  gpu_ram_gb,
  ram_gb,
  cpus,
}: Pick<HardwareRow, "gpu_ram_gb" | "ram_gb" | "cpus">): string {
  return [
    gpu_ram_gb && `${gpu_ram_gb} GB GPU RAM`,
    ram_gb && `${ram_gb} GB RAM`,
    cpus && (cpus === 1 ? "1 CPU" : `${cpus} CPUs`),
  ]
    .filter(Boolean)
    .join(", ")
}

/** An option of a list, such as "Nvidia T4 GPU – 16 GB – $0.81 per hour", with the memory of the GPU if there is one. */
export const hardwareOption = ({
  name,
  gpu_ram_gb,
  ram_gb,
  usd_per_second,
}: Pick<HardwareRow, "name" | "gpu_ram_gb" | "ram_gb" | "usd_per_second">): string => {
  const memory = gpu_ram_gb || ram_gb
  return [name, ...(memory ? [gigabytes(memory)] : []), `${usdPerHour(usd_per_second)} per hour`].join(" – ")
}
