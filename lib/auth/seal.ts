import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

import { authSecret } from "./secret"

const algorithm = "aes-256-gcm"

/** A key of its own for each purpose, made of the instance's secret. */
export const keyFor = (purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", authSecret(), "", `understudy ${purpose}`, 32))

/** For a secret that has to be told again, so that no hash will do: readable only with the instance's own secret, and only as what `purpose` says it is. */
export function seal(text: string, purpose: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv(algorithm, keyFor(purpose), iv)
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return `sealed.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url")}`
}

/** Undefined for what was sealed with another secret or for another purpose, or was changed since. */
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
