import { hash } from "node:crypto"

import type { Db } from "@/db"
import { consumeRateLimit, refundRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import { seal, unseal } from "@/lib/auth/seal"
import { factorOf, requireCode, type Factor } from "@/lib/two-factor/two-factor"
import { findAccount, lockAccount, type Account } from "@/lib/owners/owner"
import { passwordMatches } from "@/lib/owners/password"
import { SignInInput } from "@/lib/owners/schema"
import { problem } from "@/lib/problem"
import { openSession, signInExpired, type SignInClient } from "@/lib/sessions/session"

const window = 15 * 60

/**
 * The limits against guessing. The one across all addresses is loose, so that an attack does not lock out the owner
 * immediately.
 */
const guessLimits = (name: string, address: string | null) => [
  {
    key: `signin:address:${networkOf(address)}`,
    limit: 60,
    complaint: "Too many attempts to sign in from your address.",
  },
  {
    key: `signin:account:${name}:${networkOf(address)}`,
    limit: 10,
    complaint: "Too many attempts to sign in to this account.",
  },
  { key: `signin:account:${name}`, limit: 100, complaint: "Too many attempts to sign in to this account." },
]

/**
 * The result of the first step: the secret of a session, which only the browser keeps, or, if a code is required, a
 * sign-in challenge, which grants nothing.
 */
export type SignInResult = { secret: string } | { challenge: string }

/**
 * Checks a name and password, and opens a session unless a code is required. Wrong names and wrong passwords are the
 * same `unauthenticated`; too many attempts are `throttled`.
 */
export async function signIn(input: SignInInput, visitor: SignInClient): Promise<SignInResult> {
  const { username, password } = SignInInput.parse(input)
  const name = username.toLowerCase()
  const counted = guessLimits(name, visitor.address)
  for (const { key, limit, complaint } of counted) await consumeRateLimit(key, limit, window, complaint)

  const account = await findAccount(name)
  if (!(await passwordMatches(password, account?.password_hash)) || !account)
    throw problem("unauthenticated", "The username or password is wrong.")

  for (const { key } of counted) await refundRateLimit(key)
  const challenge = await challengeFor(account)
  if (challenge !== undefined) return { challenge }
  return { secret: await openSession(account, visitor, (tx) => requireUnchanged(tx, account, undefined)) }
}

/** Seconds for which a challenge is valid. */
export const challengeSeconds = 600

const purpose = "challenge to the second step of signing in"

/** The challenge for an account that has passed the first step, or undefined if it needs no code. */
export async function challengeFor(account: Account): Promise<string | undefined> {
  const factor = await factorOf(account.id)
  return (
    factor &&
    seal(
      JSON.stringify({
        username: account.username,
        state: stateOf(account, factor),
        until: Date.now() + challengeSeconds * 1000,
      }),
      purpose,
    )
  )
}

/** The account of a challenge; undefined if it has expired, or the password or the app has changed. */
export async function findChallengeAccount(challenge: string): Promise<Account | undefined> {
  const { username, state, until } = JSON.parse(unseal(challenge, purpose) ?? "{}") as {
    username?: string
    state?: string
    until?: number
  }
  if (username === undefined || Date.now() > until!) return undefined
  const account = await findAccount(username)
  const factor = account && (await factorOf(account.id))
  return factor && stateOf(account, factor) === state ? account : undefined
}

/**
 * Checks the code and opens the session. Throws `unauthenticated` for an expired challenge, and what `requireCode`
 * throws.
 */
export async function finishSignIn(challenge: string, code: string, visitor: SignInClient): Promise<string> {
  const account = await findChallengeAccount(challenge)
  const factor = account && (await factorOf(account.id))
  if (!factor) throw signInExpired()
  await requireCode({ owner_id: account.id, via: "web", address: visitor.address }, code)
  return openSession(account, visitor, (tx) => requireUnchanged(tx, account, factor))
}

/** Throws if the password or the second factor has changed since it was checked. */
async function requireUnchanged(tx: Db, account: Account, factor: Factor | undefined): Promise<void> {
  const [now, factorNow] = [await lockAccount(tx, account.id), await factorOf(account.id, tx)]
  if (now?.password_hash !== account.password_hash || factorNow?.created_at !== factor?.created_at)
    throw signInExpired()
}

/** A hash of the password and the app: if either changes, sign-in has to start again. */
const stateOf = ({ password_hash }: Account, { created_at }: Factor) =>
  hash("sha256", JSON.stringify([password_hash, created_at]), "base64url")
