// Images as model input: PNG, JPEG and WebP, decoded in WebAssembly.
import { readFile } from "node:fs/promises"
import decodeJpeg, { init as initJpeg } from "@jsquash/jpeg/decode.js"
import decodePng, { init as initPng } from "@jsquash/png/decode.js"
import encodePng, { init as initPngWriter } from "@jsquash/png/encode.js"
import decodeWebp, { init as initWebp } from "@jsquash/webp/decode.js"
import { asset } from "./asset.mjs"
import { ModelError } from "./error.mjs"

/** The decoders return the browser's ImageData, which Node lacks. */
globalThis.ImageData ??= /** @type {any} */ (
  function ImageData(data, width, height) {
    Object.assign(this, { data, width, height, colorSpace: "srgb" })
  }
)

const maxPixels = 40_000_000

const formats = [
  { begins: /^\x89PNG\r\n/, init: initPng, file: "png.wasm", decode: decodePng },
  {
    begins: /^\xff\xd8\xff/,
    init: initJpeg,
    file: "jpeg.wasm",
    decode: (bytes) => decodeJpeg(bytes, { preserveOrientation: true }),
  },
  { begins: /^RIFF[^]{4}WEBP/, init: initWebp, file: "webp.wasm", decode: decodeWebp },
]
const ready = new Map()

/**
 * Decodes an image to RGBA pixels. Throws a ModelError if it is invalid.
 * @param {File} file
 * @returns {Promise<ImageData>}
 */
export async function readPicture(file) {
  const bytes = await file.arrayBuffer()
  const start = Buffer.from(bytes, 0, Math.min(bytes.byteLength, 16)).toString("latin1")
  const format = formats.find(({ begins }) => begins.test(start))
  if (!format) throw new ModelError("This file is not a valid image. Send a PNG, JPEG or WebP.")
  if (!ready.has(format)) ready.set(format, readFile(asset(format.file)).then(WebAssembly.compile).then(format.init))
  await ready.get(format)
  let picture
  try {
    picture = await format.decode(bytes)
  } catch (error) {
    throw new ModelError("The image is damaged.", { cause: error })
  }
  if (picture.width * picture.height > maxPixels) throw new ModelError("The image has more than 40 million pixels.")
  return picture
}

/** @param {ImageData} picture @returns {Promise<ArrayBuffer>} */
export async function writePng(picture) {
  if (!ready.has("writer"))
    ready.set("writer", readFile(asset("png.wasm")).then(WebAssembly.compile).then(initPngWriter))
  await ready.get("writer")
  return encodePng(picture)
}

/** Flattens an image onto white, for models without transparency. @param {ImageData} picture */
export function onWhite({ data, width, height }) {
  const flat = new Uint8ClampedArray(data.length)
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] / 255
    for (let color = at; color < at + 3; color++) flat[color] = data[color] * alpha + 255 * (1 - alpha)
    flat[at + 3] = 255
  }
  return new ImageData(flat, width, height)
}
