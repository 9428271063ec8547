import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { write } from "@/db"
import { replaceFileSync } from "@/db/atomic-file"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { isId, newId } from "@/lib/id"
import { listLost, listRepriced, meterInstance, stopRow, type LiveInstance } from "@/lib/instances/instance"
import type { Job } from "@/lib/jobs/job"
import { forgetLive } from "@/lib/predictions/channel"
import { cancelNow, findOrphans, findOverdue, findRunningOn } from "@/lib/predictions/running"
import { predictionSignals } from "@/lib/predictions/signals"
import { ceilingsJob } from "@/lib/trainings/ceiling"
import { lostAfter } from "@/lib/runners/runner"
import { interrupt } from "./ending"
import { writeAllNow } from "./progress"
import { findLive, hub, wakeRunners } from "./state"

export { hubPort } from "./port"

/** Hears of what is queued and of what is cancelled, in this process and in others. The answer ends it, and writes down how far everything is. */
export function startHub(): () => Promise<void> {
  const stop = predictionSignals().subscribe((signal) => {
    if (signal.type === "queued") {
      hub().waiting.add(signal.pool)
      for (const runner of hub().runners.values()) runner.dirty = true
    } else {
      forgetLive(signal.id)
      findLive(signal.instance)?.live.running.delete(signal.id)
    }
    wakeRunners()
  }, wakeRunners)
  return async () => {
    stop()
    await writeAllNow()
  }
}

/** What the server's own runner is known by, the same after every start. */
export function ownRunnerId(): string {
  const file = path.resolve(env.DATA_DIR, "runner-id")
  const kept = existsSync(file) ? readFileSync(file, "utf8").trim() : ""
  if (isId(kept)) return kept
  const id = newId()
  replaceFileSync(file, id)
  return id
}

/** Ends predictions whose deadline has passed. */
const deadlinesJob: Job = {
  name: "deadlines",
  every: 1,
  // Whoever is second finds it over.
  by: "process",
  async run(signal) {
    for (let left = 100; left === 100 && !signal.aborted;) {
      const overdue = await findOverdue(now(), 100)
      for (const prediction of overdue) await cancelNow(prediction, undefined, "deadline")
      left = overdue.length
    }
  },
}

/** Gives up instances of runners that say nothing any more, and predictions that nobody runs. */
const lostJob: Job = {
  name: "lost instances",
  every: 5,
  by: "instance",
  // A runner that was away as long as this server was has to have its say first.
  delay: lostAfter + 5,
  async run() {
    for (const lost of await listLost(fromNow(-lostAfter))) await giveUp(lost)
    for (const prediction of await findOrphans(100))
      await interrupt(prediction.id, prediction.instance_id!, "Prediction interrupted: its instance ended.")
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
    await interrupt(prediction.id, id, "Prediction interrupted: the machine it ran on was lost.")
}

/** Has seconds cost what they cost when they pass, where a price has changed. */
const pricesJob: Job = {
  name: "prices of instances",
  every: 5,
  by: "instance",
  async run() {
    for (const { id } of await listRepriced()) await write((tx) => meterInstance(tx, id, now()))
  },
}

export const hubJobs: Job[] = [deadlinesJob, ceilingsJob, lostJob, pricesJob]
