import type { InstanceSpec } from "./engine"

/** A container's limits and isolation in the words of the Engine API. */
export type Given = {
  Memory: number
  NanoCpus?: number
  PidsLimit?: number | null
  NetworkMode: string
  CapAdd?: string[] | null
  CapDrop?: string[] | null
  SecurityOpt?: string[] | null
  DeviceRequests?: unknown[] | null
  Privileged?: boolean
  Binds?: string[] | null
}

/**
 * Which limit or isolation a started container lacks, as a sentence; null if none. Needed because engines can ignore
 * options silently, as podman does with GPUs.
 */
export function missingIsolation(
  spec: Pick<InstanceSpec, "memory_mb" | "gpus">,
  given: Given,
  asked: { cpus: number; pids: number; network: string },
): string | null {
  const options = given.SecurityOpt ?? []
  if (given.Memory !== spec.memory_mb * 2 ** 20) return "The engine does not limit the memory of containers."
  if (!given.NanoCpus || given.NanoCpus > Math.ceil(asked.cpus * 1e9))
    return "The engine does not limit the processors of containers."
  if (!given.PidsLimit || given.PidsLimit < 0 || given.PidsLimit > asked.pids)
    return "The engine does not limit processes."
  if (spec.gpus > 0 && !given.DeviceRequests?.length) return "The engine gives containers no GPUs."
  if (given.NetworkMode !== asked.network) return "The engine did not apply the container's network setting."
  // Podman lists every dropped capability.
  if (given.CapAdd?.length || !given.CapDrop?.length)
    return "The engine did not drop the capabilities of the container."
  if (!options.some((option) => /^no-new-privileges(?!.*false)/.test(option)))
    return "The engine lets the container gain new privileges."
  if (options.some((option) => /^seccomp\W*unconfined/.test(option)))
    return "The engine does not filter the container's system calls."
  if (given.Privileged || given.Binds?.length) return "The engine gave the container more privileges than requested."
  return null
}
