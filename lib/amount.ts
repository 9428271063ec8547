/** Parses an amount of dollars, with or without the sign; NaN if invalid. */
export const amountOf = (text: string): number =>
  /^\$?\s*(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text.replace(/^\$/, "")) : NaN
