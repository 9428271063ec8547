import { readFileSync } from "node:fs"

/** A process that is told from another which got its number later. */
export type ProcessId = {
  pid: number
  /** When it was born, as the system counts; null where it does not say. */
  born: string | null
  alive(): boolean
  /** Whether it and everything it started, which is its group, are gone. */
  gone(): boolean
  /** Kills it with everything in its group, also where it is no more and left something behind. */
  kill(): void
}

/** `born` is what was written down of it; without, whoever has the number now is meant. */
export function processOf(pid: number, born: string | null = birthOf(pid)): ProcessId {
  return Object.defineProperties({ pid, born } as ProcessId, {
    alive: { value: () => exists(pid) && birthOf(pid) === born },
    gone: { value: () => !groupExists(pid) },
    kill: {
      value() {
        // As long as anything of a group is left, its number is given to nobody else: only a living process of another birth is not meant.
        const now = birthOf(pid)
        if ((now !== null && now !== born) || (born !== null && !born.startsWith(`${bootId()}:`))) return
        try {
          process.kill(-pid, "SIGKILL")
        } catch {
          // It ended meanwhile.
        }
      },
    },
  })
}

function exists(pid: number) {
  try {
    process.kill(pid, 0)
    return statOf(pid)?.[0] !== "Z"
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

function groupExists(pid: number) {
  try {
    process.kill(-pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

function birthOf(pid: number): string | null {
  const ticks = statOf(pid)?.[19]
  return ticks === undefined ? null : `${bootId()}:${ticks}`
}

/** The fields of /proc/PID/stat from the state on: the name before it may hold anything. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    return text.slice(text.lastIndexOf(")") + 2).split(" ")
  } catch {
    return undefined
  }
}

let boot: string | undefined
function bootId() {
  try {
    return (boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())
  } catch {
    return ""
  }
}

/** Bytes that a process and all below it have in memory; 0 where the system does not say. */
export function residentMemory(pid: number): number {
  try {
    const own = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()
    return own + (children ? children.split(" ").reduce((sum, child) => sum + residentMemory(Number(child)), 0) : 0)
  } catch {
    return 0
  }
}
