import type { Hardware } from "./store"

/** A row of GET /v1/hardware. `name` and `sku` come first and mean what they mean to every client. */
export const presentHardware = ({ name, sku }: Hardware) => ({ name, sku })
