import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { did } from "@/lib/events/event"
import { requireAbility } from "@/lib/organizations/access"
import { missing } from "@/lib/problem"
import { IssueTokenInput } from "./schema"
import { hashOf, isWellFormed, newSecret } from "./secret"
import { findUsableToken, insertToken, listTokenRows, revokeTokenRow, touchToken, type Token } from "./store"

export type { Token }

/** An account whose tokens are meant: the actor's own, or an organization it keeps. */
type Account = { id: number; username: string }
const own = (actor: Actor): Account => ({ id: actor.owner_id, username: actor.username })

/**
 * A new token that acts for `account`. The secret is in the answer and nowhere else: only its hash is kept.
 * Throws what `requireAbility` throws for an account that is not the actor's own.
 */
export async function issueToken(actor: Actor, input: IssueTokenInput, account = own(actor)): Promise<{ token: Token; secret: string }> {
  requireAbility(actor, account, "tokens")
  const { name, scopes, expires_in_days } = IssueTokenInput.parse(input)
  const secret = newSecret()
  const expires_at = expires_in_days === undefined ? null : fromNow(expires_in_days * 24 * 3600)
  const token = await insertToken(
    {
      owner_id: account.id,
      issued_by: account.id === actor.owner_id ? null : actor.owner_id,
      name,
      hash: hashOf(secret),
      ending: secret.slice(-4),
      scopes,
      created_at: now(),
      expires_at,
    },
    did(actor, account.id, "token.issued", name, { scopes: scopes.join(" "), expires_at }),
  )
  return { token, secret }
}

/** The tokens of an account that were not revoked, newest first, expired ones included. Throws as `issueToken` does. */
export async function listTokens(actor: Actor, account = own(actor)): Promise<Token[]> {
  requireAbility(actor, account, "tokens")
  return listTokenRows(account.id)
}

/** Ends a token at once. Throws as `issueToken` does, and `missing` when the account has no such token. */
export async function revokeToken(actor: Actor, id: number, account = own(actor)): Promise<void> {
  requireAbility(actor, account, "tokens")
  if (!Number.isSafeInteger(id) || !(await revokeTokenRow(account.id, id, now(), did(actor, account.id, "token.revoked")))) throw missing()
}

/** Who a bearer token speaks for; undefined when it is nobody's, revoked or expired. */
export async function authenticateToken(secret: string, via: Actor["via"], address: string | null = null): Promise<Actor | undefined> {
  if (!isWellFormed(secret)) return undefined
  const found = await findUsableToken(hashOf(secret), now())
  if (!found) return undefined
  noteUse(found.id, found.last_used_at)
  return { owner_id: found.owner_id, username: found.username, is_admin: found.is_admin, scopes: found.scopes, via, token_id: found.id, address }
}

// Once a minute is exact enough to recognise an unused token by, and keeps reading free of writes.
function noteUse(id: number, last_used_at: string | null) {
  const previous = Math.max(noted.get(id) ?? 0, last_used_at ? Date.parse(last_used_at) : 0)
  if (Date.now() - previous < 60_000) return
  noted.set(id, Date.now())
  touchToken(id, now()).catch(() => noted.delete(id))
}
const noted = new Map<number, number>()
