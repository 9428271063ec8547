// Text in pictures: Tesseract in a thread of its own, because it answers only when it has read the whole page.
import { readFile } from "node:fs/promises"
import { isMainThread, parentPort, Worker } from "node:worker_threads"
import { gunzipSync } from "node:zlib"
import { createOCREngine } from "tesseract-wasm"
import { asset } from "../server/asset.mjs"
import { onWhite, readPicture } from "../server/pictures.mjs"

export * from "./schema.mjs"

let reader

export async function setup({ log }) {
  reader = await startReader()
  log("Tesseract is loaded, for English.")
}

/** @param {{ image: File }} input */
export async function predict({ image }, { log, signal }) {
  const { data, width, height } = onWhite(await readPicture(image))
  log(`${width} × ${height} pixels`)
  reader ??= await startReader()
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => {
      reader.terminate()
      reader = undefined
      reject(signal.reason)
    })
    reader.removeAllListeners("error").on("error", reject)
    reader.removeAllListeners("message").on("message", ({ progress, ...result }) => {
      if (progress === undefined) resolve(result)
      else log(`${progress} %`)
    })
    reader.postMessage({ data, width, height }, [data.buffer])
  })
}

function startReader() {
  const worker = new Worker(import.meta.filename)
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve(worker))
    worker.once("error", reject)
  })
}

async function read() {
  const engine = await createOCREngine({ wasmBinary: await readFile(asset("tesseract.wasm")) })
  engine.loadModel(gunzipSync(await readFile(asset("eng.traineddata.gz"))))
  parentPort.on("message", (picture) => {
    engine.loadImage(picture)
    let told = 0
    const words = engine.getTextBoxes("word", (progress) => {
      if (progress < told + 25) return
      told = progress
      parentPort.postMessage({ progress: Math.round(progress) })
    })
    const boxes = words.map(({ rect: { left, top, right, bottom }, confidence, text }) => {
      return { text: text.trim(), confidence: Math.round(confidence * 100) / 100, left, top, right, bottom }
    })
    parentPort.postMessage({ text: engine.getText().trim(), boxes: boxes.filter(({ text }) => text !== "") })
    engine.clearImage()
  })
  parentPort.postMessage("ready")
}

if (!isMainThread) void read()
