import { expect, test } from "vitest"

import { hardwareOption } from "./hardware-specs"

const price = { usd_per_second: "0.0001" }

test("an option names the memory of the GPU, otherwise that of the machine, and none where it is unknown", () => {
  expect(hardwareOption({ ...price, name: "T4", gpu_ram_gb: 16, ram_gb: 32 })).toBe("T4 – 16 GB – $0.36 per hour")
  expect(hardwareOption({ ...price, name: "CPU", gpu_ram_gb: 0, ram_gb: 8 })).toBe("CPU – 8 GB – $0.36 per hour")
  expect(hardwareOption({ ...price, name: "CPU", gpu_ram_gb: null, ram_gb: null })).toBe("CPU – $0.36 per hour")
})
