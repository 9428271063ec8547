import { hash, randomInt } from "node:crypto"
import { crc32 } from "node:zlib"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const prefix = "us_"

/**
 * A new API token of 40 characters: a prefix for secret scanners, 31 random characters (184 bits) and a checksum of 6,
 * so that typos are recognized without the database.
 */
export function newSecret(): string {
  const random = Array.from({ length: 31 }, () => alphabet[randomInt(62)]).join("")
  return `${prefix}${random}${checksum(random)}`
}

/** Whether a text has the form of a token. */
export const isWellFormed = (token: string): boolean =>
  token.length === 40 && token.startsWith(prefix) && token.slice(34) === checksum(token.slice(3, 34))

export const hashOf = (token: string): string => hash("sha256", token, "hex")

function checksum(random: string) {
  let rest = crc32(random)
  let digits = ""
  while (digits.length < 6) {
    digits = alphabet[rest % 62]! + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}
