import { LRUCache } from "lru-cache"

import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { may } from "@/lib/access/policy"
import { requireAbility } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { missing, problem } from "@/lib/problem"
import { IssueTokenInput } from "./schema"
import { hashOf, isWellFormed, newSecret } from "./secret"
import {
  findToken,
  findUsableToken,
  findUsableTokenById,
  findUsableTokenFor,
  insertToken,
  listTokenRows,
  maxTokens,
  revokeTokenRow,
  touchToken,
  type Token,
} from "./store"

export type { Token }

/** The account of the tokens: the actor's own, or an organization they manage. */
type AccountRef = { id: number; username: string }
const own = (actor: Actor): AccountRef => ({ id: actor.owner_id, username: actor.username })

/**
 * Creates a token that acts for `account`. Its secret is only in the result; only its hash is stored. With `model_id`,
 * it can only push to and pull from that model. Throws what `requireAbility` throws for another account.
 */
export async function issueToken(
  actor: Actor,
  input: IssueTokenInput,
  account = own(actor),
  model_id: number | null = null,
): Promise<{ token: Token; secret: string }> {
  requireAbility(actor, account, "tokens")
  const { name, scopes, expires_in_days } = IssueTokenInput.parse(input)
  const secret = newSecret()
  const expires_at = expires_in_days === undefined ? null : fromNow(expires_in_days * 24 * 3600)
  const row = {
    owner_id: account.id,
    issued_by: account.id === actor.owner_id ? null : actor.owner_id,
    name,
    hash: hashOf(secret),
    ending: secret.slice(-4),
    scopes,
    model_id,
    created_at: now(),
    expires_at,
  }
  const event = auditEvent({
    actor,
    owner_id: account.id,
    action: "token.issued",
    subject: name,
    details: { scopes: scopes.join(" "), expires_at },
  })
  const token = await writeAs(actor, { account, ability: "tokens" }, (tx) => insertToken(tx, row, event))
  if (!token)
    throw problem(
      "forbidden",
      `${account.username} has ${maxTokens.toLocaleString("en-US")} API tokens, the maximum. Revoke those that are no longer used.`,
    )
  return { token, secret }
}

/** The tokens of an account that were not revoked, newest first, including expired ones. Throws as `issueToken`. */
export async function listTokens(actor: Actor, account = own(actor)): Promise<Token[]> {
  requireAbility(actor, account, "tokens")
  return listTokenRows(account.id)
}

/** A token by its ID, also one that was revoked; null for those who may not see it. */
export async function findSeenToken(actor: Actor | null, id: number): Promise<Token | null> {
  const token = await findToken(id)
  return token && may(actor, "tokens", token.owner_id) ? token : null
}

/** Whether the account has a usable token that was made for this one model. */
export const hasTokenFor = async (owner_id: number, model_id: number): Promise<boolean> =>
  (await findUsableTokenFor(owner_id, model_id, now())) !== undefined

/** Revokes a token. Throws as `issueToken`, and `missing` if the account has no such token. */
export async function revokeToken(actor: Actor, id: number, account = own(actor)): Promise<void> {
  requireAbility(actor, account, "tokens")
  if (!Number.isSafeInteger(id)) throw missing()
  const event = auditEvent({ actor, owner_id: account.id, action: "token.revoked" })
  const right = { account, ability: "tokens" } as const
  if (!(await writeAs(actor, right, (tx) => revokeTokenRow(tx, account.id, id, now(), event)))) throw missing()
}

/** The actor of a bearer token; undefined if it is unknown, revoked or expired. */
export const authenticateToken = (
  secret: string,
  via: Actor["via"],
  address: string | null = null,
): Promise<Actor | undefined> => authenticateFingerprint(fingerprintOf(secret), via, address)

/** The fingerprint of a token; undefined if it cannot be one of ours. It is stable, so callers may cache it. */
export const fingerprintOf = (secret: string): string | undefined => (isWellFormed(secret) ? hashOf(secret) : undefined)

/** `authenticateToken` by fingerprint. */
export const authenticateFingerprint = async (
  fingerprint: string | undefined,
  via: Actor["via"],
  address: string | null,
): Promise<Actor | undefined> =>
  fingerprint === undefined ? undefined : actorOf(await findUsableToken(fingerprint, now()), via, address)

/** The actor of a token by its ID, as long as it is usable. */
export const authenticateTokenId = async (
  id: number,
  via: Actor["via"],
  address: string | null = null,
): Promise<Actor | undefined> => actorOf(await findUsableTokenById(id, now()), via, address)

function actorOf(
  found: Awaited<ReturnType<typeof findUsableToken>>,
  via: Actor["via"],
  address: string | null,
): Actor | undefined {
  if (!found) return undefined
  recordUse(found.id, found.last_used_at)
  const { id, owner_id, username, is_admin, scopes, model_id } = found
  return { owner_id, username, is_admin, scopes, via, token_id: id, address, ...(model_id !== null && { model_id }) }
}

// Once a minute is enough to recognize unused tokens, without a write per read.
function recordUse(id: number, last_used_at: string | null) {
  const current = Date.now()
  if (current - (lastTouched.get(id) ?? 0) < 60_000) return
  // Another server may have recorded it.
  const elsewhere = last_used_at ? Date.parse(last_used_at) : 0
  if (current - elsewhere < 60_000) return void lastTouched.set(id, elsewhere)
  lastTouched.set(id, current)
  touchToken(id, now()).catch(() => lastTouched.delete(id))
}
const lastTouched = new LRUCache<number, number>({ max: 10_000 })
