import { write } from "@/db"
import { microsOf, now } from "@/lib/clock"
import { log } from "@/lib/log"
import { findPool } from "@/lib/pools/pool"
import { announceWritten, livePrediction, publishPrediction, releasePrediction } from "@/lib/predictions/channel"
import { returnsList, openSecrets } from "@/lib/predictions/input"
import { presentPrediction } from "@/lib/predictions/present"
import type { Prediction } from "@/lib/predictions/row"
import {
  endPrediction,
  findCurrentPrediction,
  requeuePrediction,
  webhookOrigin,
  writeProgress,
} from "@/lib/predictions/running"
import { secretMask } from "@/lib/predictions/secrets"
import { isOver } from "@/lib/predictions/status"
import type { Progress } from "@/lib/runner/port"
import { queueDelivery } from "@/lib/webhooks/queue"
import { endTraining } from "@/lib/trainings/ending"
import { openapiOf } from "@/lib/versions/reference"
import { claimNext } from "./dispatch"
import { maxSamples } from "./scale"
import { findLive, hub, noteWaiting, wakeRunners, type TrackedInstance } from "./state"

/** Milliseconds for which progress is collected before it is written to the table. */
const writeEvery = 500
/** Milliseconds before another dispatch to an instance whose model server had no free slot. */
const pauseAfterReturn = 250

/** Applies a progress report. Late reports and those of another instance are ignored. */
export async function takeProgress(instance: string, id: string, progress: Progress): Promise<void> {
  const known = await findCurrentPrediction(id)
  if (!known || known.instance_id !== instance || isOver(known.status)) return
  const live = findLive(instance)?.live
  if (progress.returned) return returnToQueue(known, live)
  const said = redactSecrets(known, progress)
  const merged = merge(known, said)
  if (said.status === "processing") return advance(known, merged)
  await finish(known, merged, said, live)
}

/** Snapshots can arrive late and out of order: logs and lists never get shorter. */
function merge(known: Prediction, { status, output, logs, started_at }: Progress): Prediction {
  const shorter = Array.isArray(known.output) && (!Array.isArray(output) || output.length < known.output.length)
  return {
    ...known,
    status: status === "processing" ? "processing" : known.status,
    output: output === undefined || output === null || (shorter && status === "processing") ? known.output : output,
    logs: logs !== undefined && logs.length >= known.logs.length ? logs : known.logs,
    started_at: known.started_at ?? started_at ?? now(),
  }
}

/** Masks secrets in the output, logs, error and metrics of a model. */
function redactSecrets(known: Prediction, progress: Progress): Progress {
  if (!known.secrets?.length || !known.input) return progress
  const opened = openSecrets(known.id, known.input, known.secrets)
  const mask = secretMask(known.secrets.map((name) => opened[name]))
  if (!mask) return progress
  const { output, logs, error, metrics } = progress
  // A model can yield a secret in pieces: text that may begin one is held back until more follows.
  const growing = progress.status === "processing" ? mask.soFar : mask.whole
  return {
    ...progress,
    ...(output !== undefined && { output: Array.isArray(output) ? growing(output) : mask.whole(output) }),
    ...(logs !== undefined && { logs: growing(logs) }),
    ...(error && { error: mask.whole(error) }),
    ...(metrics && { metrics: mask.whole(metrics) }),
  }
}

function advance(known: Prediction, merged: Prediction): void {
  publishPrediction(merged)
  const first = known.status === "starting"
  const { webhook, webhook_events_filter: filter } = merged
  // `start` webhooks are sent right away.
  if (first && webhook && filter?.includes("start")) void writeNow([merged.id]).catch(() => writeLater(merged.id))
  else writeLater(merged.id)
}

type Unwritten = { ids: Set<string>; timer?: NodeJS.Timeout; written: Map<string, Prediction> }
const key = Symbol.for("understudy.hub.unwritten")
const slot = globalThis as typeof globalThis & { [key]?: Unwritten }
const unwritten = (): Unwritten => (slot[key] ??= { ids: new Set(), written: new Map() })

function writeLater(id: string): void {
  const waiting = unwritten()
  waiting.ids.add(id)
  waiting.timer ??= setTimeout(() => {
    waiting.timer = undefined
    const ids = [...waiting.ids]
    waiting.ids.clear()
    void writeNow(ids).catch(() => ids.forEach(writeLater))
  }, writeEvery).unref()
}

/** Flushes pending progress before the process exits. */
export async function writeAllNow(): Promise<void> {
  const ids = [...unwritten().ids]
  unwritten().ids.clear()
  await writeNow(ids)
}

/** Saves the progress of predictions, each with the webhooks due for it. */
async function writeNow(ids: string[]): Promise<void> {
  const { written } = unwritten()
  // Those that did not end by a report of their model: cancelled ones, for example.
  for (const id of written.keys()) if (!livePrediction(id)) written.delete(id)
  await Promise.all(
    ids.map(async (id) => {
      const now = await findCurrentPrediction(id)
      if (!now || isOver(now.status)) return void written.delete(id)
      const before = written.get(id)
      const done = await write(async (tx) => {
        const { status, output, logs, started_at, number } = now
        if (!(await writeProgress(tx, number, { status, output, logs, started_at }))) return false
        const tell = (event: "start" | "output" | "logs") =>
          queueDelivery(tx, now, event, () => presentPrediction(now, webhookOrigin(now)))
        if (!before) await tell("start")
        if (now.output !== null && now.output !== before?.output) await tell("output")
        if (now.logs !== (before?.logs ?? "")) await tell("logs")
        return true
      })
      if (!done) return void written.delete(id)
      written.set(id, now)
      announceWritten(id)
    }),
  )
}

async function finish(
  known: Prediction,
  merged: Prediction,
  progress: Progress,
  live: TrackedInstance | undefined,
): Promise<void> {
  const { status, error, metrics } = progress
  if (status === "processing") return
  // Output that comes with the end is shown before the end is stored, like earlier output.
  if (merged.output !== null) publishPrediction({ ...merged, status: "processing" })
  const none = merged.output === null && status === "succeeded" && (await isList(known))
  const end = known.operation === "train" ? endTraining : endPrediction
  const ending = end(merged, {
    status,
    output: none ? [] : merged.output,
    logs: merged.logs,
    error: error ?? null,
    metrics,
    started_at: merged.started_at ?? undefined,
  })
  const next = live?.running.has(known.id) && known.operation === "predict" ? claimNext(live) : undefined
  const claimed = next?.catch((error) =>
    log("warn", "the next prediction could not be claimed", { error, instance: live!.id }),
  )
  const ended = await ending
  unwritten().ids.delete(known.id)
  unwritten().written.delete(known.id)
  if (live) release(live, known.id)
  await claimed
  // The pool of a training runs nothing else.
  if (known.operation === "predict" && ended?.status === "succeeded" && ended.started_at && ended.completed_at) {
    const took = (microsOf(ended.completed_at) - microsOf(ended.started_at)) / 1e6
    const before = hub().runSeconds.get(ended.pool) ?? []
    hub().runSeconds.set(ended.pool, [...before, took].slice(-maxSamples))
  }
}

async function isList({ pool: key, operation }: Prediction): Promise<boolean> {
  const pool = operation === "predict" ? await findPool(key) : undefined
  return pool !== undefined && returnsList(await openapiOf(pool.version_row.number))
}

async function returnToQueue(known: Prediction, live: TrackedInstance | undefined): Promise<void> {
  if (!(await requeuePrediction(known.number, known.instance_id!))) return
  if (live) {
    release(live, known.id)
    live.notBefore = Date.now() + pauseAfterReturn
  }
  unwritten().written.delete(known.id)
  releasePrediction({
    ...known,
    instance_id: null,
    claimed_at: null,
    begun: false,
    status: "starting",
    started_at: null,
  })
  noteWaiting(known.pool)
  setTimeout(wakeRunners, pauseAfterReturn + 5).unref()
}

/** Frees the slot that a prediction occupies on an instance. */
function release(live: TrackedInstance, id: string): void {
  live.running.delete(id)
  live.idleSince = Date.now()
  for (const runner of hub().runners.values()) runner.dispatchedTo.delete(id)
}
