// Upscales images tile by tile with the small ESRGAN network on TensorFlow.js.
import { readFile } from "node:fs/promises"
import { tensor4d, tidy } from "@tensorflow/tfjs-core"
import { asset } from "../server/asset.mjs"
import { ModelError } from "../server/error.mjs"
import { readPicture, writePng } from "../server/pictures.mjs"
import { loadModel, startTensorflow } from "../server/tensorflow.mjs"

export * from "./schema.mjs"

/** Tile size, and overlap with neighbouring tiles that hides the seams, in pixels. */
const tile = 96
const margin = 12
const maxPixels = 4_000_000

const models = new Map()

export async function setup({ log }) {
  await startTensorflow()
  for (const scale of [2, 4]) {
    const json = JSON.parse(await readFile(asset(`x${scale}.json`), "utf8"))
    models.set(scale, await loadModel(json, await readFile(asset(`x${scale}.bin`))))
  }
  log("The networks for twice and four times are loaded.")
}

/** @param {{ image: File, scale: number }} input */
export async function predict({ image, scale }, { log, breathe }) {
  const { data, width, height } = await readPicture(image)
  if (width * height > maxPixels) throw new ModelError("The image has more than 4 million pixels. Send a smaller one.")
  const large = new ImageData(new Uint8ClampedArray(data.length * scale * scale), width * scale, height * scale)
  enlargeAlpha(data, width, large, scale)

  const tiles = []
  for (let top = 0; top < height; top += tile) for (let left = 0; left < width; left += tile) tiles.push({ left, top })
  for (const [at, { left, top }] of tiles.entries()) {
    await breathe()
    enlargeTile({ data, width, height }, { left, top }, large, scale)
    log(`tile ${at + 1}/${tiles.length} (${Math.round(((at + 1) / tiles.length) * 100)} %)`)
  }
  return new File([await writePng(large)], "upscaled.png", { type: "image/png" })
}

function enlargeTile({ data, width, height }, { left, top }, large, scale) {
  const from = { x: Math.max(0, left - margin), y: Math.max(0, top - margin) }
  const to = { x: Math.min(width, left + tile + margin), y: Math.min(height, top + tile + margin) }
  const [wide, high] = [to.x - from.x, to.y - from.y]
  const pixels = new Float32Array(wide * high * 3)
  for (let y = 0, at = 0; y < high; y++)
    for (let x = 0; x < wide; x++) {
      const pixel = ((from.y + y) * width + from.x + x) * 4
      for (let color = 0; color < 3; color++) pixels[at++] = data[pixel + color]
    }
  const network = models.get(scale)
  const result = tidy(() => network.predict(tensor4d(pixels, [1, high, wide, 3])).dataSync())

  const end = { x: Math.min(width, left + tile) * scale, y: Math.min(height, top + tile) * scale }
  for (let y = top * scale; y < end.y; y++)
    for (let x = left * scale; x < end.x; x++) {
      const pixel = ((y - from.y * scale) * wide * scale + x - from.x * scale) * 3
      for (let color = 0; color < 3; color++) large.data[(y * large.width + x) * 4 + color] = result[pixel + color]
    }
}

/** The network has no alpha channel. */
function enlargeAlpha(data, width, large, scale) {
  for (let y = 0, at = 3; y < large.height; y++)
    for (let x = 0; x < large.width; x++, at += 4)
      large.data[at] = data[(Math.floor(y / scale) * width + Math.floor(x / scale)) * 4 + 3]
}
