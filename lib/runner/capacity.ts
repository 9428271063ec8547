import { spawnSync } from "node:child_process"
import { availableParallelism, totalmem } from "node:os"

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

/** The GPU names from `nvidia-smi`; none where it is not installed. */
function gpusHere(): string[] {
  const { status, stdout } = spawnSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], {
    encoding: "utf8",
    timeout: 10_000,
  })
  return status === 0 ? stdout.split("\n").filter((line) => line.trim() !== "") : []
}

/** How many instances of each hardware fit on a machine, and how many more beside the existing ones. */
export function capacityOf(machine: Machine, hardware: Hardware[], shares: Share[]): Capacity[] {
  const taken = shares.reduce(
    (sum, share) => ({
      memory_mb: sum.memory_mb + share.memory_mb,
      cpus: sum.cpus + share.cpus,
      gpus: sum.gpus + share.gpus,
    }),
    { memory_mb: 0, cpus: 0, gpus: 0 },
  )
  return hardware
    .map((row) => {
      const gpus = machine.gpus.filter((name) => isOfKind(name, row)).length
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
          gpus: gpus - taken.gpus,
        }),
      }
    })
    .filter(({ total }) => total > 0)
}

/** Whether a GPU matches a row of the catalogue: their names share the word that contains a number, such as A100. */
function isOfKind(gpu: string, { name }: Hardware) {
  const kinds = (text: string): string[] => text.toUpperCase().match(/\b[A-Z]+\d+[A-Z]*\b/g) ?? []
  return kinds(name).some((kind) => kinds(gpu).includes(kind))
}
