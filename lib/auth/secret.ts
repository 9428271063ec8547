import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

import { env } from "@/env"

/** What session cookies are sealed with: AUTH_SECRET, or one that is made once and kept in DATA_DIR for this instance alone. */
export function authSecret(): string {
  return (secret ??= env.AUTH_SECRET ?? keptSecret(path.resolve(env.DATA_DIR, "auth-secret")))
}
let secret: string | undefined

function keptSecret(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${randomBytes(48).toString("base64url")}\n`, { mode: 0o600, flag: "wx" })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  return readFileSync(file, "utf8").trim()
}
