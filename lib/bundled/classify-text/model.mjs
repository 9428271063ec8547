// Classifies texts with fastText's linear classifier. The base model distinguishes positive and negative; a training
// creates a model for the labels of its examples.
import { readFile } from "node:fs/promises"
import { isMainThread, parentPort } from "node:worker_threads"
import { asset } from "../server/asset.mjs"
import { ModelError } from "../server/error.mjs"
import { fastTextCore, labelsOf, loadFastText, saveFastText, trainFastText } from "../server/fast-text.mjs"
import { askThread, startThread } from "../server/thread.mjs"
import { dimensions } from "./dimensions.mjs"
import { examplesOf } from "./examples.mjs"
import * as schema from "./schema.mjs"
import { wordsOf } from "./words.mjs"

export const { input, output } = schema
export const train = { ...schema.train, run: fineTune }

let model

export async function setup({ weights, trains, log }) {
  if (trains) return
  const bytes = weights ? Buffer.from(await weights.arrayBuffer()) : await readFile(asset("base.bin"))
  try {
    model = loadFastText(await fastTextCore(), bytes)
  } catch {
    throw new ModelError("These weights were not created by this model.")
  }
  const labels = labelsOf(model, "").map(([label]) => nameOf(label))
  log(`${weights ? "Trained" : "Base"} weights are loaded. Labels: ${labels.toSorted().join(", ")}`)
}

/** @param {{ text: string }} input */
export function predict({ text }) {
  const labels = labelsOf(model, wordsOf(text)).map(([label, score]) => [nameOf(label), Math.round(score * 1e4) / 1e4])
  return { label: labels[0][0], scores: Object.fromEntries(labels) }
}

/** @param {{ examples: File, epochs: number }} input */
async function fineTune({ examples: file, epochs }, { log, signal, metric }) {
  const examples = examplesOf(await file.text())
  const labels = new Set(examples.map(({ label }) => label))
  log(`${examples.length} examples of ${labels.size} labels: ${[...labels].slice(0, 20).join(", ")}`)
  const thread = await startThread()
  const hear = ({ epoch, loss }) => log(`epoch ${epoch}/${epochs} loss=${loss.toFixed(4)}`)
  const { weights, accuracy } = await askThread(thread, { examples, epochs }, { signal, hear })
  void thread.terminate()
  log(`accuracy=${accuracy.toFixed(4)} on the examples themselves`)
  metric("accuracy", accuracy)
  return { weights: new File([weights], "weights.bin", { type: "application/octet-stream" }) }
}

/** fastText ends a label at the next space. */
const keyOf = (label) => encodeURIComponent(label)
const nameOf = (key) => decodeURIComponent(key)

async function trainInThread({ examples, epochs }) {
  const core = await fastTextCore()
  let told = 0
  let last = 0
  const lines = examples.map(({ text, label }) => `__label__${keyOf(label)} ${wordsOf(text)}`)
  const trained = trainFastText(
    core,
    lines,
    {
      vectors: await readFile(asset("base.vec")),
      dim: dimensions,
      epoch: epochs,
      lr: 0.5,
      wordNgrams: 2,
      bucket: 20_000,
      minn: 3,
      maxn: 5,
      lrUpdateRate: 1,
    },
    (progress, loss) => {
      const epoch = Math.floor(progress * epochs)
      if (loss >= 0) last = loss
      if (loss < 0 || epoch < told + epochs / 50 || epoch >= epochs) return
      told = epoch
      parentPort.postMessage({ epoch, loss })
    },
  )
  parentPort.postMessage({ epoch: epochs, loss: last })
  const right = examples.filter(({ text, label }) => nameOf(labelsOf(trained, wordsOf(text), 1)[0][0]) === label)
  return { weights: saveFastText(core, trained), accuracy: right.length / examples.length }
}

if (!isMainThread) {
  parentPort.on("message", async (order) => parentPort.postMessage({ result: await trainInThread(order) }))
  parentPort.postMessage("ready")
}
