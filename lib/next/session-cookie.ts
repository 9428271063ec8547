import "server-only"

import { createHash } from "node:crypto"
import { LRUCache } from "lru-cache"
import { decode } from "next-auth/jwt"

import { authSecret } from "@/lib/auth/secret"
import { findSessionAccount } from "@/lib/sessions/session"

/** By cookie, for a minute: opening one derives the key again, which takes longer than looking up the session. */
const opened = new LRUCache<string, string>({ max: 10_000, ttl: 60_000 })

/** The session secret in a sealed cookie, whether or not the session is open; `findSessionAccount` knows that. */
export async function secretIn(sealed: string): Promise<string | null> {
  const key = hashOf(sealed)
  const found = opened.get(key)
  if (found !== undefined) return found
  const token = await decode({ token: sealed, secret: authSecret() }).catch(() => null)
  if (!token?.secret) return null
  opened.set(key, token.secret)
  return token.secret
}

const hashOf = (sealed: string) => createHash("sha256").update(sealed).digest("base64")

/** Cached for a minute, because it is only used for counting. */
const known = new LRUCache<string, { id: number | null }>({ max: 10_000, ttl: 60_000 })

/** Whether a request has a session, or had one within the last minute. Only for rate limits. */
export const isSignedIn = async ({ cookie }: { cookie?: string }): Promise<boolean> =>
  cookie !== undefined && (await accountOfCookie(cookie)) !== null

/** The account of a `Cookie` header; null for visitors. Only for counting. */
export async function accountOfCookie(header: string): Promise<number | null> {
  const [, sealed] = /(?:^|;\s*)(?:__Host-)?understudy\.session=([^;]+)/.exec(header) ?? []
  if (sealed === undefined) return null
  const key = hashOf(sealed)
  const found = known.get(key)
  if (found) return found.id
  const secret = await secretIn(sealed)
  const id = (secret === null ? undefined : await findSessionAccount(secret))?.id ?? null
  known.set(key, { id })
  return id
}
