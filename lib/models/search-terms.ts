// Scripts without spaces are indexed by character.
const spaceless = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}`
const word = new RegExp(`[${spaceless}]|(?:(?![${spaceless}])[\\p{L}\\p{N}])+`, "gu")

/** The words of a text for search, without case, accents, symbols or punctuation. Very long words are cut. */
export const searchTerms = (text: string): string[] =>
  (plain(text).match(word) ?? []).map((found) => [...found].slice(0, 40).join(""))

// Lowercased twice, because decomposition may yield capitals.
const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
