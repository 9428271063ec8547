/** Bytes of a prediction, and of all on a page. */
export const fits = { one: 128 * 1024, all: 1024 * 1024 }
