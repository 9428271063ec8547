import { randomBytes } from "node:crypto"

/** The digits of Crockford's base 32, which are hard to confuse. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** A new unguessable ID of 26 characters, for predictions, files and instances. */
export const newId = (): string => Array.from(randomBytes(26), (byte) => alphabet[byte % 32]).join("")

/** Whether a text has the form of an ID. */
export const isId = (text: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(text)
