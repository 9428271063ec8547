import { perHour } from "./price"
import type { Hardware } from "./store"

/** A row of GET /v1/hardware. `name` and `sku` come first, as in Replicate's API; prices are exact US dollars. */
export const presentHardware = ({ name, sku, usd_per_second, gpus, cpus, gpu_ram_gb, ram_gb }: Hardware) => ({
  name,
  sku,
  price_per_second: usd_per_second,
  price_per_hour: perHour(usd_per_second).toFixed(),
  gpus,
  gpu_ram_gb,
  cpus,
  ram_gb,
})
