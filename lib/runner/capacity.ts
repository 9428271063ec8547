import { availableParallelism, totalmem } from "node:os"

import { gpusHere, isOfKind } from "@/lib/engines/gpus"
import type { Capacity, Hardware } from "./port"

/** What a machine offers to models in total. */
export type Machine = {
  memory_mb: number
  cpus: number
  /** The names of its GPUs. */
  gpus: string[]
}

/** What an instance takes of that. */
export type Share = { memory_mb: number; cpus: number; gpus: number; hardware: string }

/**
 * The capacity of this machine, or what the operator set. Memory is rounded to whole gigabytes, because every machine
 * reserves a little.
 */
export function thisMachine(said: { memory_gb?: number | undefined; cpus?: number | undefined }): Machine {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return {
    memory_mb: (said.memory_gb ?? Math.max(2, Math.round(memory / 2 ** 30))) * 1024,
    cpus: said.cpus ?? availableParallelism(),
    gpus: gpusHere(),
  }
}

/** How many instances of each hardware fit on a machine, and how many more beside the existing ones. */
export function capacityOf(machine: Machine, hardware: Hardware[], shares: Share[]): Capacity[] {
  const taken = shares.reduce(
    (sum, share) => ({ memory_mb: sum.memory_mb + share.memory_mb, cpus: sum.cpus + share.cpus }),
    { memory_mb: 0, cpus: 0 },
  )
  const nameOf = (sku: string) => hardware.find((row) => row.sku === sku)?.name
  const gpusTaken = (name: string) =>
    shares.reduce((sum, share) => sum + (isOfKind(nameOf(share.hardware) ?? name, name) ? share.gpus : 0), 0)
  return hardware
    .map((row) => {
      const gpus = machine.gpus.filter((name) => isOfKind(name, row.name)).length
      const fit = (left: { memory_mb: number; cpus: number; gpus: number }) =>
        Math.max(
          0,
          Math.floor(
            Math.min(
              left.memory_mb / row.memory_mb,
              left.cpus / row.cpus,
              row.gpus > 0 ? left.gpus / row.gpus : Infinity,
            ),
          ),
        )
      return {
        sku: row.sku,
        total: fit({ ...machine, gpus }),
        free: fit({
          memory_mb: machine.memory_mb - taken.memory_mb,
          cpus: machine.cpus - taken.cpus,
          gpus: gpus - gpusTaken(row.name),
        }),
      }
    })
    .filter(({ total }) => total > 0)
}
