import { readFileSync } from "node:fs"

/** A process identified by PID and start time, so a reused PID is not mistaken for it. */
export type ProcessId = {
  pid: number
  /** Its start time in system ticks; null where unknown. */
  born: string | null
  alive(): boolean
  /** Whether its whole process group is gone. */
  gone(): boolean
  /** Kills its whole process group, even if the leader has ended. */
  kill(): void
}

/** A process by PID and its recorded start time, by default that of the current holder of the PID. */
export function processOf(pid: number, born: string | null = birthOf(pid)): ProcessId {
  return Object.defineProperties({ pid, born } as ProcessId, {
    alive: { value: () => exists(pid) && birthOf(pid) === born },
    gone: { value: () => !groupExists(pid) },
    kill: {
      value() {
        // A PID is not reused while its group exists, so only a living process with another start time is a different
        // one.
        const now = birthOf(pid)
        if ((now !== null && now !== born) || (born !== null && !born.startsWith(`${bootId()}:`))) return
        try {
          process.kill(-pid, "SIGKILL")
        } catch {
          // Already ended.
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

/** The fields of /proc/PID/stat from the state on. Before it is the process name, which can contain any character. */
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

/** Resident memory of a process and its descendants in bytes; 0 where unknown. */
export function residentMemory(pid: number): number {
  try {
    const own = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()
    return own + (children ? children.split(" ").reduce((sum, child) => sum + residentMemory(Number(child)), 0) : 0)
  } catch {
    return 0
  }
}
