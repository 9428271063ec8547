import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

import { env } from "@/env"
import { agreedSecret, isShared } from "./store"

// One a process, whichever bundle asks for it.
const slot = globalThis as typeof globalThis & { [secretKey]?: string }
const secretKey = Symbol.for("understudy.secret")

/**
 * What session cookies are sealed with: AUTH_SECRET, or one that is made once and kept, in DATA_DIR for this machine alone, or
 * in PostgreSQL for all that share it.
 */
export function authSecret(): string {
  return (slot[secretKey] ??= env.AUTH_SECRET ?? keptSecret(path.resolve(env.DATA_DIR, "auth-secret")))
}

/** Agrees with the other machines before anything is sealed. One that had a secret of its own proposes that, so that nobody has to sign in again. */
export async function settleSecret(): Promise<void> {
  if (!env.AUTH_SECRET && isShared) slot[secretKey] = await agreedSecret(authSecret())
}

function keptSecret(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${randomBytes(48).toString("base64url")}\n`, { mode: 0o600, flag: "wx" })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  return readFileSync(file, "utf8").trim()
}
