import { hash } from "node:crypto"

import { consumeRateLimit, refundRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import { seal, unseal } from "@/lib/auth/seal"
import { factorOf, requireCode, type Factor } from "@/lib/two-factor/two-factor"
import { findAccount, type Account } from "@/lib/owners/owner"
import { passwordMatches } from "@/lib/owners/password"
import { SignInInput } from "@/lib/owners/schema"
import { problem } from "@/lib/problem"
import { openSession, type Visitor } from "@/lib/sessions/session"

const window = 15 * 60

/** What a guesser is counted by. The widest net, over all addresses, is loose: it must not lock the real owner out at once. */
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
 * What the first step comes to: the secret of a session, which only the browser keeps, or, where a second step is asked for, the challenge to
 * it. A challenge opens nothing.
 */
export type SignInResult = { secret: string } | { challenge: string }

/**
 * Checks a name and a password, and opens a session unless the account asks for a code as well.
 * A wrong name and a wrong password are the same `unauthenticated`; too many tries on one account or from one address are `throttled`.
 */
export async function signIn(input: SignInInput, visitor: Visitor): Promise<SignInResult> {
  const { username, password } = SignInInput.parse(input)
  const name = username.toLowerCase()
  const counted = guessLimits(name, visitor.address)
  for (const { key, limit, complaint } of counted) await consumeRateLimit(key, limit, window, complaint)

  const account = await findAccount(name)
  if (!(await passwordMatches(password, account?.password_hash)) || !account)
    throw problem("unauthenticated", "The username or password is wrong.")

  for (const { key } of counted) await refundRateLimit(key)
  const challenge = await challengeFor(account)
  return challenge === undefined ? { secret: await openSession(account, visitor) } : { challenge }
}

/** Seconds that a challenge to the second step is good for. */
export const challengeSeconds = 600

const purpose = "challenge to the second step of signing in"

/** For an account whose first step somebody has taken by whatever means: the challenge to its second, or undefined when there is none. */
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

/** Whose second step a challenge leads to; undefined for one that is over, as it is with another password or another app, too. */
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

/** Takes the second step and opens the session. Throws `unauthenticated` for a challenge that is over, and what `requireCode` throws. */
export async function finishSignIn(challenge: string, code: string, visitor: Visitor): Promise<string> {
  const account = await findChallengeAccount(challenge)
  if (!account) throw problem("unauthenticated", "Your sign-in expired. Sign in again.")
  await requireCode({ owner_id: account.id, via: "web", address: visitor.address }, code)
  return openSession(account, visitor)
}

/** What the first step went by, and what the second will: when either is another, the first has to be taken again. */
const stateOf = ({ password_hash }: Account, { created_at }: Factor) =>
  hash("sha256", JSON.stringify([password_hash, created_at]), "base64url")
