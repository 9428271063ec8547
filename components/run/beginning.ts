/** Characters of an output that a page shows; the rest is in the JSON. */
export const longest = 100_000

/** What a page shows of a text, without half a character at its end. */
export const beginningOf = (text: string): string =>
  text.length > longest ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, "") : text
