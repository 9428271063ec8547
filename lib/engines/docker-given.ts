import type { InstanceSpec } from "./engine"

/** What an engine says that a container has, in its own words. */
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
 * Which limit or isolation a started container lacks. A successful start proves nothing: podman silently leaves out
 * GPUs.
 */
export function whatIsMissing(
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
  // Podman names every capability that it dropped.
  if (given.CapAdd?.length || !given.CapDrop?.length)
    return "The engine did not drop the capabilities of the container."
  if (!options.some((option) => /^no-new-privileges(?!.*false)/.test(option)))
    return "The engine lets the container gain new privileges."
  if (options.some((option) => /^seccomp\W*unconfined/.test(option)))
    return "The engine does not filter the container's system calls."
  if (given.Privileged || given.Binds?.length) return "The engine gave the container more privileges than requested."
  return null
}
