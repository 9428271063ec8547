import { createHash, randomBytes } from "node:crypto"
import { LRUCache } from "lru-cache"

import { write, type Db } from "@/db"
import { env } from "@/env"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import type { Account } from "@/lib/owners/owner"
import { requirePassword } from "@/lib/owners/confirm-password"
import { missing, problem } from "@/lib/problem"
import {
  findOpenSession,
  insertSession,
  listSessionRows,
  revokeOtherSessions,
  revokeSession,
  revokeSessionLike,
  touchSession,
  type Session,
  type SessionValidity,
} from "./store"

/** The maximum lifetime of a session in seconds, however often it is used. */
export const sessionSeconds = 30 * 24 * 3600

/** When a session is open: it also ends after days without use. */
const terms = (): SessionValidity => ({ now: now(), seen_after: fromNow(-env.SESSION_IDLE_DAYS * 24 * 3600) })

/** Open sessions of an account. */
const maxSessions = 100

/** The client of a sign-in. */
export type SignInClient = { address: string | null; user_agent: string | null }

/**
 * Opens a session for somebody who is authenticated. Returns its secret. `stillProved` is called within the write, and
 * throws if the credentials are no longer valid. Throws `unauthenticated` if the account is disabled by then.
 */
export async function openSession(
  account: Account,
  visitor: SignInClient,
  stillProved?: (tx: Db) => Promise<void>,
): Promise<string> {
  const secret = randomBytes(32).toString("base64url")
  const at = now()
  const session = {
    id: idOf(secret),
    owner_id: account.id,
    address: visitor.address,
    user_agent: visitor.user_agent?.slice(0, 300) ?? null,
    created_at: at,
    last_seen_at: at,
    expires_at: fromNow(sessionSeconds),
  }
  const event = auditEvent({
    actor: { owner_id: account.id, via: "web", address: visitor.address },
    owner_id: account.id,
    action: "session.opened",
  })
  await write(async (tx) => {
    await stillProved?.(tx)
    if (!(await insertSession(tx, session, { most: maxSessions, terms: terms() }, event))) throw signInExpired()
  })
  return secret
}

/** The error for a sign-in during which the account changed. */
export const signInExpired = () => problem("unauthenticated", "Your sign-in expired. Sign in again.")

/** The account of an open session, or undefined. */
export async function findSessionAccount(secret: string): Promise<Account | undefined> {
  const found = await findOpenSession(idOf(secret), terms())
  if (found) recordUse(found.session)
  return found?.account
}

// Often enough to recognize unused sessions, without a write per read.
function recordUse({ id, last_seen_at }: Session) {
  const previous = Math.max(lastTouched.get(id) ?? 0, Date.parse(last_seen_at))
  if (Date.now() - previous < 300_000) return
  lastTouched.set(id, Date.now())
  touchSession(id, now()).catch(() => lastTouched.delete(id))
}
const lastTouched = new LRUCache<string, number>({ max: 10_000 })

/** A session for its owner; `handle` identifies it and grants nothing. */
export type OpenSession = {
  handle: string
  current: boolean
  address: string | null
  user_agent: string | null
  created_at: string
  last_seen_at: string
}

/** The actor's sessions; `secret` is that of the current one. */
export async function listSessions(actor: Actor, secret: string | null): Promise<OpenSession[]> {
  const own = secret === null ? null : idOf(secret)
  return (await listSessionRows(actor.owner_id, terms())).map(
    ({ id, address, user_agent, created_at, last_seen_at }) => ({
      handle: id.slice(0, 16),
      current: id === own,
      address,
      user_agent,
      created_at,
      last_seen_at,
    }),
  )
}

/** Ends one of the actor's sessions. Throws what `requirePassword` throws, `missing` if it is not open. */
export async function endSessionOf(actor: Actor, handle: string, password: string): Promise<void> {
  await requirePassword(actor, password)
  if (!/^[0-9a-f]{16}$/.test(handle)) throw missing()
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "session.revoked" })
  const end = (tx: Db) => revokeSessionLike(tx, actor.owner_id, handle, terms(), event)
  if (!(await writeAs(actor, { scope: "write" }, end))) throw missing()
}

/**
 * Ends every session of the actor except the current one; returns their number. Throws what `requirePassword` throws.
 */
export async function endOtherSessions(actor: Actor, secret: string | null, password: string): Promise<number> {
  await requirePassword(actor, password)
  const kept = secret === null ? null : idOf(secret)
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "session.revoked" })
  return writeAs(actor, { scope: "write" }, (tx) => revokeOtherSessions(tx, actor.owner_id, kept, now(), event))
}

/** Ends a session on the server, so that copies of the cookie are worthless. */
export const endSession = (secret: string): Promise<void> => revokeSession(idOf(secret), now())

/** The ID of the row of a secret. */
export const idOf = (secret: string) => createHash("sha256").update(secret).digest("hex")
