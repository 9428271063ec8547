// Classifies whether an image is safe to show, with the small NSFWJS network on TensorFlow.js.
import { div, image as images, reshape, tensor3d, tidy } from "@tensorflow/tfjs-core"
import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2"
import { onWhite, readPicture } from "../server/pictures.mjs"
import { loadModel, startTensorflow } from "../server/tensorflow.mjs"

export * from "./schema.mjs"

/** In the order of the network's outputs. */
const labels = ["drawing", "hentai", "neutral", "porn", "sexy"]
const side = 224

let network

export async function setup({ log }) {
  await startTensorflow()
  const [{ default: json }, { default: weights }] = await Promise.all([
    MobileNetV2Model.modelJson(),
    MobileNetV2Model.weightBundles[0](),
  ])
  network = await loadModel(json, Buffer.from(weights, "base64"))
  log("The network is loaded.")
}

/** @param {{ image: File }} input */
export async function predict({ image }) {
  const { data, width, height } = onWhite(await readPicture(image))
  const scores = tidy(() => {
    const colors = tensor3d(withoutAlpha(data), [height, width, 3])
    const small = images.resizeBilinear(div(colors, 255), [side, side], true)
    return network.predict(reshape(small, [1, side, side, 3])).dataSync()
  })
  const ranked = labels
    .map((label, at) => [label, Math.round(scores[at] * 1e4) / 1e4])
    .sort((one, other) => other[1] - one[1])
  return { label: ranked[0][0], scores: Object.fromEntries(ranked) }
}

function withoutAlpha(data) {
  const colors = new Float32Array((data.length / 4) * 3)
  for (let from = 0, to = 0; from < data.length; from += 4)
    for (let color = 0; color < 3; color++) colors[to++] = data[from + color]
  return colors
}
