import "server-only"

import { createHash } from "node:crypto"
import { LRUCache } from "lru-cache"
import { decode } from "next-auth/jwt"

import { authSecret } from "@/lib/auth/secret"
import { findSessionAccount } from "@/lib/sessions/session"

/** The secret of the session that a sealed cookie names, whether or not it is still open. */
export async function secretIn(sealed: string): Promise<string | null> {
  const token = await decode({ token: sealed, secret: authSecret() }).catch(() => null)
  return (token && token.secret) || null
}

/** What was asked a moment ago is good enough to count by: it lets nobody in. */
const known = new LRUCache<string, { id: number | null }>({ max: 10_000, ttl: 60_000 })

/** The account that a `Cookie` header is signed in to; null for a visitor. For counting alone. */
export async function accountOfCookie(header: string): Promise<number | null> {
  const [, sealed] = /(?:^|;\s*)(?:__Host-)?understudy\.session=([^;]+)/.exec(header) ?? []
  if (sealed === undefined) return null
  const key = createHash("sha256").update(sealed).digest("base64")
  const found = known.get(key)
  if (found) return found.id
  const secret = await secretIn(sealed)
  const id = (secret === null ? undefined : await findSessionAccount(secret))?.id ?? null
  known.set(key, { id })
  return id
}
