import { z } from "zod"

import { decimal } from "@/lib/shapes"
import { perHour } from "./price"
import type { Hardware } from "./store"

export const HardwareBody = z
  .object({
    name: z.string(),
    sku: z.string(),
    available: z.boolean().describe("Whether a runner offers it now; if none does, predictions wait"),
    price_per_second: decimal.describe("US dollars, exact"),
    price_per_hour: decimal.describe("US dollars, exact"),
    gpus: z.int(),
    gpu_ram_gb: z.int().nullable(),
    cpus: z.int().nullable(),
    ram_gb: z.int().nullable(),
  })
  .meta({ id: "Hardware" })
export type HardwareBody = z.infer<typeof HardwareBody>

/** A row of GET /v1/hardware. `name` and `sku` come first, as in Replicate's API; prices are exact US dollars. */
export const presentHardware = (
  { name, sku, usd_per_second, gpus, cpus, gpu_ram_gb, ram_gb }: Hardware,
  offered: ReadonlyMap<string, unknown>,
): HardwareBody => ({
  name,
  sku,
  available: offered.has(sku),
  price_per_second: usd_per_second,
  price_per_hour: perHour(usd_per_second).toFixed(),
  gpus,
  gpu_ram_gb,
  cpus,
  ram_gb,
})
