// Detects the language of a text with fastText's small model for 176 languages.
import { readFile } from "node:fs/promises"
import { asset } from "../server/asset.mjs"
import { ModelError } from "../server/error.mjs"
import { fastTextCore, labelsOf, loadFastText } from "../server/fast-text.mjs"

export * from "./schema.mjs"

let model

export async function setup({ log }) {
  model = loadFastText(await fastTextCore(), await readFile(asset("lid.176.ftz")))
  log("The model for 176 languages is loaded.")
}

/** @param {{ text: string }} input */
export function predict({ text }) {
  if (!/\p{L}/u.test(text)) throw new ModelError("There are no letters in the text.")
  // It reads a single line and ignores everything after a line break.
  const [[language, probability]] = labelsOf(model, text.replace(/\s+/g, " "), 1)
  return { language, probability: Math.round(probability * 10_000) / 10_000 }
}
