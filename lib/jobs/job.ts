import { randomUUID } from "node:crypto"

import { fromNow } from "@/lib/clock"
import { log } from "@/lib/log"
import { claimJob, findJob, updateJob, type JobRow } from "./store"

/** Something that is done every so often while a process runs. A noun exports its jobs; lib/start.ts lists them. */
export type Job = {
  name: string
  /** Seconds from the end of one run to the next. */
  every: number
  /** One server of the instance at a time, which is what most jobs want, or every process for itself, as for what is kept in memory. */
  by: "instance" | "process"
  /** Also whenever a process starts, however long ago the last run was. */
  atStart?: boolean
  /** Seconds after its start in which a process leaves the job alone. */
  delay?: number
  /** Throws to be tried again, sooner at first than `every` says. `signal` ends what takes long: the process stops, or another one has the job. */
  run(signal: AbortSignal): Promise<unknown>
}

/** Jobs that are being looked after. */
export type Running = {
  /** Runs a job of this process as soon as possible; once more after its end when it is running. */
  wake(name: string): void
  /** Ends every run and hands back what this process has claimed. */
  stop(): Promise<void>
}

/** A claim that is not renewed for so many seconds belongs to a server that has died. */
const usualLease = 30
const longestRetry = 60
/** Seconds that a run has to end in when the process stops; a claim that is not handed back ends by itself. */
const longestFarewell = 5

/** Looks after these jobs until it is stopped. */
export function startJobs(jobs: Job[], lease = usualLease): Running {
  const stopping = new AbortController()
  const claim = randomUUID()
  const workers = new Map(jobs.map((job) => [job.name, startWorker(job, { claim, lease, signal: stopping.signal })]))
  return {
    wake: (name) => workers.get(name)?.wake(),
    async stop() {
      stopping.abort()
      const ended = Promise.all([...workers.values()].map(({ ended }) => ended))
      await Promise.race([ended, new Promise((resume) => setTimeout(resume, longestFarewell * 1000).unref())])
    },
  }
}

type Server = { claim: string; lease: number; signal: AbortSignal }

function startWorker(job: Job, server: Server): { wake(): void; ended: Promise<void> } {
  const { signal } = server
  const turn = job.by === "process" ? turnOfProcess(job, signal) : turnOfInstance(job, server)
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
      // What was wanted while another server was at it is wanted still.
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

/** Runs the job if it is due, or in any case where it is wanted `now`. Answers whether it was for this process to do, and the seconds until the next turn. */
type Turn = (now: boolean) => Promise<{ isOurs: boolean; seconds: number }>

function turnOfProcess(job: Job, signal: AbortSignal): Turn {
  let failures = 0
  return async () => {
    failures = (await succeeds(job, signal)) ? 0 : failures + 1
    return { isOurs: true, seconds: failures === 0 ? job.every : retryAfter(failures, job.every) }
  }
}

function turnOfInstance(job: Job, server: Server): Turn {
  const { name, every } = job
  let failures = 0

  async function turn(now: boolean) {
    const known = await findJob(name)
    if (known && isHeld(known, server.lease)) return { isOurs: false, seconds: Math.min(server.lease, every) }
    const left = known && !now ? secondsUntilDue(known, every) : 0
    if (left > 0) return { isOurs: true, seconds: left }

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

/** Answers the seconds until it is due again. */
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

  // What was cut short is still to do, by whoever is there then.
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

/** Seconds until a job is tried again that failed so often in a row: soon at first, then ever later, up to its usual interval. */
export const retryAfter = (failures: number, every: number): number =>
  Math.min(longestWait(every), Math.min(every, 10) * 2 ** (failures - 1))

const longestWait = (every: number) => Math.max(every, longestRetry)
/** Nobody sets one later than this, with room for what is under way and for clocks that differ. */
const latestDue = (every: number) => longestWait(every) + 60
const endOfTime = "9999"

const secondsUntil = (moment: string | null) => (moment === null ? 0 : (Date.parse(moment) - Date.now()) / 1000)

// A moment further away than any that is ever set was written by a clock that has been put back since.
const within = (seconds: number, most: number) => (seconds > most ? 0 : Math.max(0, seconds))
const isHeld = (row: JobRow, lease: number) =>
  row.claim !== null && within(secondsUntil(row.claimed_until), 2 * lease) > 0
const secondsUntilDue = (row: JobRow, every: number) => within(secondsUntil(row.due_at), latestDue(every))
