/** The number of characters of a text that a page shows. */
export const longest = 100_000

/** The beginning of a text that a page shows. It does not end within a surrogate pair. */
export const beginningOf = (text: string): string =>
  text.length > longest ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, "") : text
