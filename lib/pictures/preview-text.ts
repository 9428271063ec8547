import "server-only"

import { readFileSync } from "node:fs"
import path from "node:path"

const families = [
  ["Schibsted Grotesk", "schibsted-grotesk-500.ttf"],
  ["Schibsted Grotesk Extended", "schibsted-grotesk-500-extended.ttf"],
  // For Greek, Cyrillic and Vietnamese, which the other fonts lack.
  ["Inter", "inter-500-other.ttf"],
] as const

let loaded: { data: Buffer; name: string; weight: 500; style: "normal" }[] | undefined

/** The fonts of preview images; the first that has a glyph is used. */
export const fonts = () =>
  (loaded ??= families.map(([name, file]) => ({
    name,
    data: readFileSync(path.join(process.cwd(), "app/fonts", file)),
    weight: 500,
    style: "normal",
  })))
export const fontFamily = families.map(([name]) => name).join(", ")

let known: Set<number>[] | undefined
const drawn = (grapheme: string) =>
  (known ??= fonts().map(({ data }) => charactersOf(data))).some((has) =>
    [...grapheme].every((character) => has.has(character.codePointAt(0)!)),
  )

const graphemes = new Intl.Segmenter("en")

/**
 * The text that our fonts can draw, on one line: for anything else, the library would download fonts or emoji.
 * Unsupported words become an ellipsis, emoji are dropped, and a mostly unsupported text becomes empty.
 */
export function drawableText(text: string): string {
  let [letters, lost] = [0, 0]
  const kept = [...graphemes.segment(text.normalize("NFC"))].map(({ segment }) => {
    if (/^\s/.test(segment)) return " "
    // A combining mark without its letter would attach to the previous one.
    if (/^\p{M}/u.test(segment)) return ""
    const isLetter = /[\p{L}\p{N}]/u.test(segment)
    if (isLetter) letters++
    const form = [segment, segment.normalize("NFKC"), segment.normalize("NFKD").replace(/\p{M}/gu, "")].find(
      (form) => form !== "" && drawn(form),
    )
    if (form !== undefined) return form
    if (isLetter) lost++
    return isLetter ? "…" : ""
  })
  if (lost * 2 > letters) return ""
  return kept
    .join("")
    .replace(/…[…\s,]*…/g, "…")
    .replace(/\s+/g, " ")
    .replace(/ (?=[,.;:!?])/g, "")
    .trim()
}

/** The characters a TrueType font has glyphs for, from its table of the basic plane (`cmap`, format 4). */
function charactersOf(font: Buffer): Set<number> {
  const records = Array.from({ length: font.readUInt16BE(4) }, (_, n) => 12 + n * 16)
  const cmap = font.readUInt32BE(records.find((at) => font.toString("latin1", at, at + 4) === "cmap")! + 8)
  const encodings = Array.from(
    { length: font.readUInt16BE(cmap + 2) },
    (_, n) => cmap + font.readUInt32BE(cmap + 8 + n * 8),
  )
  const table = encodings.find((at) => font.readUInt16BE(at) === 4)!
  const segments = font.readUInt16BE(table + 6) / 2
  const characters = new Set<number>()
  for (let n = 0; n < segments; n++) {
    const last = font.readUInt16BE(table + 14 + n * 2)
    for (let code = font.readUInt16BE(table + 16 + (segments + n) * 2); code <= last && code < 0xffff; code++)
      if (code > 0x20) characters.add(code)
  }
  return characters
}
