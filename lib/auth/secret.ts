import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { createFileAtomicSync } from "@/db/atomic-file"
import { env } from "@/env"
import { insertOrReadSecret, isShared } from "./store"

// One per process, shared by all bundles.
const slot = globalThis as typeof globalThis & { [secretKey]?: string }
const secretKey = Symbol.for("understudy.secret")

/**
 * The secret of the installation: AUTH_SECRET, or one that is generated once and stored in DATA_DIR, or in PostgreSQL
 * for all servers that share it.
 */
export function authSecret(): string {
  return (slot[secretKey] ??= env.AUTH_SECRET ?? storedSecret(path.resolve(env.DATA_DIR, "auth-secret")))
}

/** Agrees on one secret with the other servers. A server that already has one proposes it, so that sessions survive. */
export async function syncAuthSecret(): Promise<void> {
  if (!env.AUTH_SECRET && isShared) slot[secretKey] = await insertOrReadSecret(authSecret())
}

function storedSecret(file: string): string {
  if (!existsSync(file)) createFileAtomicSync(file, `${randomBytes(48).toString("base64url")}\n`)
  const secret = readFileSync(file, "utf8").trim()
  // With a short or empty secret, anybody could forge sealed texts.
  if (secret.length < 32)
    throw new Error(
      `${file} is damaged. Restore it from a backup or remove it. If removed, a new one is generated: everybody has to sign in again (with a recovery code if two-step sign-in is on), and webhook secrets change.`,
    )
  return secret
}
