import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { createFileAtomicSync } from "@/db/atomic-file"
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
  if (!existsSync(file)) createFileAtomicSync(file, `${randomBytes(48).toString("base64url")}\n`)
  const secret = readFileSync(file, "utf8").trim()
  // With a short one, or none, anybody could seal what we believe.
  if (secret.length < 32)
    throw new Error(
      `${file} is damaged. Put it back from a backup, or remove it: a new one is made then, everybody signs in again, those with two steps by a recovery code, and the secrets of webhooks are made anew.`,
    )
  return secret
}
