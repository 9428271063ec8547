// Reads text in images with Tesseract, in a thread because a page is one blocking call.
import { readFile } from "node:fs/promises"
import { isMainThread, parentPort } from "node:worker_threads"
import { gunzipSync } from "node:zlib"
import { createOCREngine } from "tesseract-wasm"
import { asset } from "../server/asset.mjs"
import { onWhite, readPicture } from "../server/pictures.mjs"
import { askThread, startThread } from "../server/thread.mjs"

export * from "./schema.mjs"

/** A single thread, which reads one page at a time. */
export const maxAtOnce = 1

let reader

export async function setup({ log }) {
  reader = await startThread()
  log("Tesseract is loaded, for English.")
}

/** @param {{ image: File }} input */
export async function predict({ image }, { log, signal }) {
  const picture = onWhite(await readPicture(image))
  log(`${picture.width} × ${picture.height} pixels`)
  reader ??= await startThread()
  signal.addEventListener("abort", () => (reader = undefined))
  const hear = ({ progress }) => log(`${progress} %`)
  return askThread(reader, { ...picture }, { signal, hear, transfer: [picture.data.buffer] })
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
    const text = engine.getText().trim()
    parentPort.postMessage({ result: { text, boxes: boxes.filter(({ text }) => text !== "") } })
    engine.clearImage()
  })
  parentPort.postMessage("ready")
}

if (!isMainThread) void read()
