import { expect, test } from "vitest"

import { capacityOf, thisMachine } from "./capacity"

const hardware = [
  { sku: "cpu-small", name: "CPU (Small)", cpus: 1, memory_mb: 2048, gpus: 0 },
  { sku: "cpu", name: "CPU", cpus: 4, memory_mb: 8192, gpus: 0 },
  { sku: "gpu-t4", name: "Nvidia T4 GPU", cpus: 4, memory_mb: 16_384, gpus: 1 },
  { sku: "gpu-a100", name: "Nvidia A100 (80GB) GPU", cpus: 10, memory_mb: 147_456, gpus: 1 },
  { sku: "gpu-2x-t4", name: "2x Nvidia T4 GPU", cpus: 8, memory_mb: 32_768, gpus: 2 },
]
const share = (sku: string) => {
  const { memory_mb, cpus, gpus } = hardware.find((row) => row.sku === sku)!
  return { hardware: sku, memory_mb, cpus, gpus }
}

test("a machine offers of each hardware what fits into it, and leaves out what never does", () => {
  expect(capacityOf({ memory_mb: 16_384, cpus: 6, gpus: [] }, hardware, [])).toEqual([
    { sku: "cpu-small", total: 6, free: 6 },
    { sku: "cpu", total: 1, free: 1 },
  ])
})

test("what runs takes its part of everything else", () => {
  const machine = { memory_mb: 16_384, cpus: 6, gpus: [] }
  expect(capacityOf(machine, hardware, [share("cpu"), share("cpu-small")])).toEqual([
    { sku: "cpu-small", total: 6, free: 1 },
    { sku: "cpu", total: 1, free: 0 },
  ])
  expect(
    capacityOf(
      machine,
      hardware,
      Array.from({ length: 9 }, () => share("cpu-small")),
    ),
  ).toMatchObject([{ free: 0 }, { free: 0 }])
})

test("a GPU is offered where there is one of its kind, and counted", () => {
  const machine = { memory_mb: 200_000, cpus: 32, gpus: ["Tesla T4", "Tesla T4"] }
  expect(capacityOf(machine, hardware, [share("gpu-t4")])).toEqual([
    { sku: "cpu-small", total: 32, free: 28 },
    { sku: "cpu", total: 8, free: 7 },
    { sku: "gpu-t4", total: 2, free: 1 },
    { sku: "gpu-2x-t4", total: 1, free: 0 },
  ])
  const mixed = { ...machine, gpus: ["Tesla T4", "NVIDIA A100-SXM4-80GB"] }
  expect(capacityOf(mixed, hardware, [share("gpu-t4")])).toMatchObject([
    { sku: "cpu-small" },
    { sku: "cpu" },
    { sku: "gpu-t4", total: 1, free: 0 },
    { sku: "gpu-a100", total: 1, free: 1 },
  ])
  expect(capacityOf({ ...machine, gpus: ["NVIDIA A100-SXM4-80GB"] }, hardware, []).map(({ sku }) => sku)).toContain(
    "gpu-a100",
  )
})

test("what the operator says of the machine counts, and every machine has room for a small model", () => {
  expect(thisMachine({ memory_gb: 1.5, cpus: 0.5 })).toMatchObject({ memory_mb: 1536, cpus: 0.5 })
  const { memory_mb, cpus } = thisMachine({})
  expect(memory_mb).toBeGreaterThanOrEqual(2048)
  expect(cpus).toBeGreaterThanOrEqual(1)
})
