// Scripts written without spaces are searched by the letter.
const spaceless = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}`
const word = new RegExp(`[${spaceless}]|(?:(?![${spaceless}])[\\p{L}\\p{N}])+`, "gu")

/** The words of a text as they are searched: without case, accents, signs or punctuation. Of a very long word its beginning. */
export const wordsOf = (text: string): string[] =>
  (plain(text).match(word) ?? []).map((found) => [...found].slice(0, 40).join(""))

// Lower case comes twice because taking a sign apart may yield capitals.
const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
