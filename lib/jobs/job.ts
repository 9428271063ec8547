import { randomUUID } from "node:crypto"

import { fromNow } from "@/lib/clock"
import { log } from "@/lib/log"
import { claimJob, findJob, updateJob, type JobRow } from "./store"

/** Periodic work. A noun exports its jobs; lib/start.ts lists them. */
export type Job = {
  name: string
  /** Seconds from the end of one run to the next. */
  every: number
  /** `installation`: once across all its servers. `process`: in every process, for in-memory state. */
  by: "installation" | "process"
  /** Also run at every start of a process, however recent the last run. */
  atStart?: boolean
  /** Seconds after its start during which a process does not run the job. */
  delay?: number
  /**
   * For frequent jobs of the installation: false while there is nothing to do. Nothing is claimed then, because that
   * writes.
   */
  hasWork?: () => Promise<boolean>
  /**
   * Throw to be retried with back-off, at first sooner than `every`. `signal` aborts long work: the process is
   * stopping, or lost its claim.
   */
  run(signal: AbortSignal): Promise<unknown>
}

/** The running scheduler. */
export type Running = {
  /** Runs a job in this process as soon as possible; if it is running, once more afterwards. */
  wake(name: string): void
  /** Aborts all runs and releases the claims of this process. */
  stop(): Promise<void>
}

/** A claim not renewed for this many seconds belongs to a dead server. */
const usualLease = 30
const longestRetry = 60
/** Seconds a run has to end when the process stops; an unreleased claim expires. */
const shutdownGraceSeconds = 5

/** Schedules these jobs until stopped. */
export function startJobs(jobs: Job[], lease = usualLease): Running {
  const stopping = new AbortController()
  const claim = randomUUID()
  const workers = new Map(jobs.map((job) => [job.name, startWorker(job, { claim, lease, signal: stopping.signal })]))
  return {
    wake: (name) => workers.get(name)?.wake(),
    async stop() {
      stopping.abort()
      const ended = Promise.all([...workers.values()].map(({ ended }) => ended))
      await Promise.race([ended, new Promise((resume) => setTimeout(resume, shutdownGraceSeconds * 1000).unref())])
    },
  }
}

type Server = { claim: string; lease: number; signal: AbortSignal }

function startWorker(job: Job, server: Server): { wake(): void; ended: Promise<void> } {
  const { signal } = server
  const turn = job.by === "process" ? turnOfProcess(job, signal) : turnOfInstallation(job, server)
  let wanted = job.atStart === true
  let resume = () => {}
  signal.addEventListener("abort", () => resume())

  const pause = (seconds: number) =>
    new Promise<void>((ended) => {
      const timer = setTimeout(ended, seconds * 1000).unref()
      resume = () => {
        clearTimeout(timer)
        ended()
      }
      if (signal.aborted) resume()
    })

  async function work() {
    await pause(job.delay ?? (wanted ? 0 : Math.min(job.every, 1)))
    while (!signal.aborted) {
      const now = wanted
      wanted = false
      const { seconds, isOurs } = await turn(now)
      const again = wanted
      // Requests made while another server ran it are still pending.
      wanted ||= now && !isOurs
      if (!again) await pause(wanted ? Math.min(seconds, 1) : seconds)
    }
  }

  return {
    ended: work(),
    wake() {
      wanted = true
      resume()
    },
  }
}

/**
 * Runs the job if it is due, or in any case if `now`. Returns whether this process was the one to run it, and the
 * seconds until the next turn.
 */
type Turn = (now: boolean) => Promise<{ isOurs: boolean; seconds: number }>

function turnOfProcess(job: Job, signal: AbortSignal): Turn {
  let failures = 0
  return async () => {
    failures = (await succeeds(job, signal)) ? 0 : failures + 1
    return { isOurs: true, seconds: failures === 0 ? job.every : retryAfter(failures, job.every) }
  }
}

function turnOfInstallation(job: Job, server: Server): Turn {
  const { name, every } = job
  let failures = 0

  async function turn(now: boolean) {
    const known = await findJob(name)
    if (known && isHeld(known, server.lease)) return { isOurs: false, seconds: Math.min(server.lease, every) }
    const left = known && !now ? secondsUntilDue(known, every) : 0
    if (left > 0) return { isOurs: true, seconds: left }
    if (!now && job.hasWork && !(await job.hasWork())) return { isOurs: true, seconds: every }

    const claimed = await claimJob(name, server.claim, {
      now: fromNow(0),
      until: fromNow(server.lease),
      latestUntil: fromNow(2 * server.lease),
      dueBy: now ? endOfTime : fromNow(0),
      latestDue: fromNow(latestDue(every)),
    })
    if (!claimed) return { isOurs: false, seconds: Math.min(server.lease, every) }
    return { isOurs: true, seconds: await runClaimed(job, claimed, server) }
  }

  return async (now) => {
    try {
      const answer = await turn(now)
      failures = 0
      return answer
    } catch (error) {
      log("error", "a job could not be claimed or given back", { error, job: name })
      return { isOurs: false, seconds: retryAfter(++failures, every) }
    }
  }
}

/** Returns the seconds until it is due again. */
async function runClaimed(job: Job, { failures }: JobRow, { claim, lease, signal }: Server): Promise<number> {
  const { name, every } = job
  const lost = new AbortController()
  const renewal = setInterval(
    () => {
      updateJob(name, claim, { claimed_until: fromNow(lease) })
        .then((held) => void (held || lost.abort()))
        .catch(() => {})
    },
    (lease / 3) * 1000,
  ).unref()
  const done = await succeeds(job, AbortSignal.any([signal, lost.signal]))
  clearInterval(renewal)

  // An aborted run is still due, for whichever server is up.
  const failed = done || signal.aborted ? 0 : failures + 1
  const seconds = done ? every : failed ? retryAfter(failed, every) : 0
  await updateJob(name, claim, { claim: null, claimed_until: null, failures: failed, due_at: fromNow(seconds) })
  return seconds
}

async function succeeds({ name, run }: Job, signal: AbortSignal): Promise<boolean> {
  try {
    await run(signal)
    return true
  } catch (error) {
    if (!signal.aborted) log("error", "a job failed", { error, job: name })
    return false
  }
}

/** Seconds until the retry after this many consecutive failures: growing back-off, up to the usual interval. */
export const retryAfter = (failures: number, every: number): number =>
  Math.min(longestWait(every), Math.min(every, 10) * 2 ** (failures - 1))

const longestWait = (every: number) => Math.max(every, longestRetry)
/** The latest plausible due time, with room for running work and clock skew. */
const latestDue = (every: number) => longestWait(every) + 60
const endOfTime = "9999"

const secondsUntil = (moment: string | null) => (moment === null ? 0 : (Date.parse(moment) - Date.now()) / 1000)

// A later time was written before the clock was set back, so it is due.
const within = (seconds: number, most: number) => (seconds > most ? 0 : Math.max(0, seconds))
const isHeld = (row: JobRow, lease: number) =>
  row.claim !== null && within(secondsUntil(row.claimed_until), 2 * lease) > 0
const secondsUntilDue = (row: JobRow, every: number) => within(secondsUntil(row.due_at), latestDue(every))
