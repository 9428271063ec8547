import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

import { authSecret } from "./secret"

const algorithm = "aes-256-gcm"

/** A separate key for each purpose, derived from the installation's secret. */
export const keyFor = (purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", authSecret(), "", `understudy ${purpose}`, 32))

/**
 * Encrypts a text that has to be read again, so a hash is not enough. `unseal` needs the same installation secret and
 * purpose.
 */
export function seal(text: string, purpose: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv(algorithm, keyFor(purpose), iv)
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return `sealed.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url")}`
}

/** Decrypts a sealed text. Undefined if it was sealed with another secret or purpose, or modified. */
export function unseal(sealed: string, purpose: string): string | undefined {
  const bytes = Buffer.from(sealed.replace(/^sealed\./, ""), "base64url")
  try {
    const decipher = createDecipheriv(algorithm, keyFor(purpose), bytes.subarray(0, 12), { authTagLength: 16 })
    decipher.setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8")
  } catch {
    return undefined
  }
}
