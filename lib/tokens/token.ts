import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { missing } from "@/lib/problem"
import { IssueTokenInput } from "./schema"
import { hashOf, isWellFormed, newSecret } from "./secret"
import { findUsableToken, insertToken, listTokenRows, revokeTokenRow, touchToken, type Token } from "./store"

export type { Token }

/** A new token for the actor's account. The secret is in the answer and nowhere else: only its hash is kept. */
export async function issueToken(actor: Actor, input: IssueTokenInput): Promise<{ token: Token; secret: string }> {
  const { name, scopes, expires_in_days } = IssueTokenInput.parse(input)
  const secret = newSecret()
  const token = await insertToken({
    owner_id: actor.owner_id,
    name,
    hash: hashOf(secret),
    ending: secret.slice(-4),
    scopes,
    created_at: now(),
    expires_at: expires_in_days === undefined ? null : fromNow(expires_in_days * 24 * 3600),
  })
  return { token, secret }
}

/** The actor's tokens that were not revoked, newest first, expired ones included. */
export const listTokens = (actor: Actor): Promise<Token[]> => listTokenRows(actor.owner_id)

/** Ends a token at once. Throws `missing` when the actor has no such token. */
export async function revokeToken(actor: Actor, id: number): Promise<void> {
  if (!Number.isSafeInteger(id) || !(await revokeTokenRow(actor.owner_id, id, now()))) throw missing()
}

/** Who a bearer token speaks for; undefined when it is nobody's, revoked or expired. */
export async function authenticateToken(secret: string, via: Actor["via"]): Promise<Actor | undefined> {
  if (!isWellFormed(secret)) return undefined
  const found = await findUsableToken(hashOf(secret), now())
  if (!found) return undefined
  noteUse(found.id, found.last_used_at)
  return { owner_id: found.owner_id, username: found.username, is_admin: found.is_admin, scopes: found.scopes, via, token_id: found.id }
}

// Once a minute is exact enough to recognise an unused token by, and keeps reading free of writes.
function noteUse(id: number, last_used_at: string | null) {
  const previous = Math.max(noted.get(id) ?? 0, last_used_at ? Date.parse(last_used_at) : 0)
  if (Date.now() - previous < 60_000) return
  noted.set(id, Date.now())
  touchToken(id, now()).catch(() => noted.delete(id))
}
const noted = new Map<number, number>()
