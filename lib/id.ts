import { randomBytes } from "node:crypto"

/** Digits and letters of Crockford's base 32: none that is easily taken for another one. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** A new id: 26 characters that nobody can guess, as predictions, files and instances have. */
export const newId = (): string => Array.from(randomBytes(26), (byte) => alphabet[byte % 32]).join("")

/** Whether a text could be one. */
export const isId = (text: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(text)
