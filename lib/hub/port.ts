import { hostname } from "node:os"

import { appendSetupLog } from "@/lib/instances/instance"
import { openInputFile } from "@/lib/files/input"
import { putOutput } from "@/lib/files/output"
import { openWeights } from "@/lib/images/trained-image"
import { findPool } from "@/lib/pools/pool"

import { findCurrentPrediction } from "@/lib/predictions/running"
import { isOver } from "@/lib/predictions/status"
import { missing } from "@/lib/problem"
import type { RunnerPort } from "@/lib/runner/port"
import { hardwareForRunners } from "./run-order"
import { takeProgress } from "./progress"
import { answerReport } from "./reporting"
import { findLive, hub } from "./state"

/** Limit of the stored set-up log. */
const setupLogLimit = 1024 * 1024

/** The hub's interface for a runner in this process. */
export const hubPort: RunnerPort = {
  hardware: hardwareForRunners,
  report: (report) => answerReport(report, hostname()),
  onWake(listener) {
    hub().listeners.add(listener)
    return () => void hub().listeners.delete(listener)
  },
  progress: takeProgress,
  setupLog: (instance, text) => appendSetupLog(instance, text, setupLogLimit),
  async openInput(instance, id, file) {
    if (id === null) return openWeightsOf(instance, file)
    const prediction = await required(instance, id)
    return openInputFile(prediction, file)
  },
  async putOutput(instance, id, file, body) {
    const prediction = await required(instance, id)
    const { url } = await putOutput(prediction, file, body)
    return { url }
  },
}

/** Opens the weights of the version that an instance runs. */
async function openWeightsOf(instance: string, file: string) {
  const live = findLive(instance)?.live
  const pool = live && (await findPool(live.pool))
  const weights = pool?.version_row.trained?.weights
  const body = weights?.blob === file ? await openWeights(pool!.model.id, weights) : undefined
  if (!weights || !body) throw missing()
  return { body, name: weights.name, content_type: "application/octet-stream", size: weights.size }
}

/** An unfinished prediction of this instance. Throws `missing` for those of other instances. */
async function required(instance: string, id: string) {
  const prediction = await findCurrentPrediction(id)
  if (!prediction || prediction.instance_id !== instance || isOver(prediction.status)) throw missing()
  return prediction
}
