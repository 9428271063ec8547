/**
 * The number of characters of a text that a page shows: browsers split texts in HTML after 65,536, where React expects
 * one.
 */
export const longest = 60_000

/** The beginning of a text that a page shows. It does not end within a surrogate pair. */
export const beginningOf = (text: string): string =>
  text.length > longest ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, "") : text
