import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { write } from "@/db"
import { replaceFileSync } from "@/db/atomic-file"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { isId, newId } from "@/lib/id"
import {
  listLost,
  listRepriced,
  listUnmetered,
  meterInstance,
  stopRow,
  type LiveInstance,
} from "@/lib/instances/instance"
import type { Job } from "@/lib/jobs/job"
import { forgetLive } from "@/lib/predictions/channel"
import { cancelNow, findOrphans, findOverdue, findRunningOn } from "@/lib/predictions/running"
import { predictionSignals } from "@/lib/predictions/signals"
import { costLimitsJob } from "@/lib/trainings/cost-limit"
import { lostAfter } from "@/lib/runners/runner"
import { rowsEnd } from "@/lib/usage/ledger"
import { failInterrupted } from "./ending"
import { writeAllNow } from "./progress"
import { findLive, hub, noteWaiting, wakeRunners } from "./state"

export { hubPort } from "./port"

/**
 * Subscribes to queued and cancelled predictions, from every process. The returned function unsubscribes and flushes
 * pending progress.
 */
export function startHub(): () => Promise<void> {
  const stop = predictionSignals().subscribe((signal) => {
    if (signal.type === "queued") {
      noteWaiting(signal.pool)
      for (const runner of hub().runners.values()) runner.needsDecision = true
    } else {
      forgetLive(signal.id)
      const found = findLive(signal.instance)
      found?.live.running.delete(signal.id)
      found?.runner.dispatchedTo.delete(signal.id)
    }
    wakeRunners()
  }, wakeRunners)
  return async () => {
    stop()
    await writeAllNow()
  }
}

/** The ID of the server's own runner, stable across restarts. */
export function ownRunnerId(): string {
  const file = path.resolve(env.DATA_DIR, "runner-id")
  const saved = existsSync(file) ? readFileSync(file, "utf8").trim() : ""
  if (isId(saved)) return saved
  const id = newId()
  replaceFileSync(file, id)
  return id
}

/** Cancels (or aborts) predictions whose deadline has passed. */
const deadlinesJob: Job = {
  name: "deadlines",
  every: 1,
  // Every process may try; a prediction ends only once.
  by: "process",
  async run(signal) {
    for (let left = 100; left === 100 && !signal.aborted;) {
      // Without trainings that have succeeded, and whose version is only being stored.
      const late = await findOverdue(now(), 100)
      for (const prediction of late) await cancelNow(prediction, undefined, "deadline")
      left = late.length
    }
  },
}

/** Ends instances of runners that stopped reporting, and fails predictions whose instance has ended. */
const lostJob: Job = {
  name: "lost instances",
  every: 5,
  by: "installation",
  // After a restart of the server, runners first get time to report.
  delay: lostAfter + 5,
  async run() {
    for (const lost of await listLost(fromNow(-lostAfter))) await giveUp(lost)
    for (const prediction of await findOrphans(now(), 100))
      await failInterrupted(prediction.id, prediction.instance_id!, "Prediction interrupted: its instance ended.")
  },
}

async function giveUp({ id, seen_at, created_at, runner }: LiveInstance & { seen_at: string | null }): Promise<void> {
  const running = await findRunningOn([id])
  const at = seen_at !== null && seen_at > created_at ? seen_at : created_at
  await write((tx) =>
    stopRow(
      tx,
      id,
      at,
      { state: "stopped", reason: "lost", detail: "Its runner stopped responding." },
      running.map(({ number }) => number),
    ),
  )
  hub().runners.get(runner)?.instances.delete(id)
  for (const prediction of running)
    await failInterrupted(prediction.id, id, "Prediction interrupted: the machine it ran on was lost.")
}

/** Meters instances whose hardware has a new price, so that each second is charged at the price of its time. */
const pricesJob: Job = {
  name: "prices of instances",
  every: 5,
  by: "installation",
  async run() {
    for (const { id } of await listRepriced()) await write((tx) => meterInstance(tx, id, now()))
  },
}

/**
 * Meters live instances every five minutes (UTC), so that what they cost is known while their state does not change.
 */
const meterJob: Job = {
  name: "metering of instances",
  every: 10,
  by: "installation",
  hasWork: async () => (await listUnmetered(rowsEnd(now()), 1)).length > 0,
  async run(signal) {
    const until = rowsEnd(now())
    for (const { id } of await listUnmetered(until, 10_000)) {
      if (signal.aborted) return
      await write((tx) => meterInstance(tx, id, until))
    }
  },
}

export const hubJobs: Job[] = [deadlinesJob, costLimitsJob, lostJob, pricesJob, meterJob]
