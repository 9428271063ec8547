// TensorFlow.js on WebAssembly, loaded entirely from files beside the program.
import { readFile } from "node:fs/promises"
import { env, io, ready, setBackend } from "@tensorflow/tfjs-core"
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm"
import { loadLayersModel } from "@tensorflow/tfjs-layers"
import { asset } from "./asset.mjs"

/** Must run before any computation. */
export async function startTensorflow() {
  // TensorFlow.js would fetch its WebAssembly file over HTTP.
  env().platform.fetch = async (path) => new Response(await readFile(path))
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  // All three paths are required; with these settings, the second is used on every version of Node.
  const names = ["tfjs-backend-wasm", "tfjs-backend-wasm-simd", "tfjs-backend-wasm-threaded-simd"]
  setWasmPaths(Object.fromEntries(names.map((name) => [`${name}.wasm`, asset("tensorflow.wasm")])))
  await setBackend("wasm")
  await ready()
}

/** A model in Keras format. @param {any} json @param {Uint8Array} weights */
export function loadModel({ modelTopology, weightsManifest, ...json }, weights) {
  const weightSpecs = weightsManifest.flatMap((group) => group.weights)
  const weightData = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength)
  return loadLayersModel(io.fromMemory({ ...json, modelTopology, weightSpecs, weightData }))
}
