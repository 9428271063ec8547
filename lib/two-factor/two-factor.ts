import { consumeRateLimit, refundRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import type { Db } from "@/db"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { seal, unseal } from "@/lib/auth/seal"
import { auditEvent } from "@/lib/events/record"
import { requirePerson } from "@/lib/access/require"
import type { Account } from "@/lib/owners/owner"
import { requirePassword } from "@/lib/owners/confirm-password"
import { problem } from "@/lib/problem"
import { idOf } from "@/lib/sessions/session"
import { hashOf, hashRecoveryCodes, newRecoveryCodes, normalizeCode } from "./recovery"
import {
  deleteFactor,
  findFactor,
  insertFactor,
  listTwoFactorAccounts,
  listUnusedHashes,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendStep,
  type Factor,
} from "./store"
import { addressOf, newSecret, qrOf, stepOf, type Qr } from "./totp"

export type { Factor }

/** The second factor of an account, or undefined if two-step sign-in is off. */
export const factorOf = (owner_id: number, db?: Db): Promise<Factor | undefined> => findFactor(owner_id, db)

/** Since when two-step sign-in is on, and the number of recovery codes left; null if it is off. */
export async function getTwoFactorStatus(
  owner_id: number,
): Promise<{ since: string; recovery_codes_left: number } | null> {
  const factor = await findFactor(owner_id)
  return factor ? { since: factor.created_at, recovery_codes_left: (await listUnusedHashes(owner_id)).length } : null
}

/** Which of these accounts use two-step sign-in. */
export const accountsWithTwoFactor = async (ids: number[]): Promise<Set<number>> =>
  new Set(await listTwoFactorAccounts(ids))

// — Turning it on —

/** The setup of an authenticator app, before anything is stored; `setupToken` carries it from one form to the next. */
export type Setup = { setupToken: string; secret: string; address: string; qr: Qr }

const setupMinutes = 30

/**
 * Creates a secret for an authenticator app. Nothing changes until `enableTwoFactor`. Throws what `requirePassword`
 * throws.
 */
export async function beginTwoFactorSetup(actor: Actor, password: string, host: string): Promise<Setup> {
  requirePerson(actor)
  await requirePassword(actor, password)
  const secret = newSecret()
  const setupToken = seal(JSON.stringify({ secret, until: Date.now() + setupMinutes * 60_000 }), setupOf(actor))
  return setupOfSecret(actor, setupToken, secret, host)
}

/** The setup of a setup token. Throws `invalid` if it has expired. */
export const readTwoFactorSetup = (actor: Actor, setupToken: string, host: string): Setup =>
  setupOfSecret(actor, setupToken, secretIn(actor, setupToken), host)

/**
 * Turns on two-step sign-in after a code proves that the app has the secret; all sessions but the given one end.
 * Returns the recovery codes, which cannot be read again. Throws `invalid` for a wrong code, `throttled` for too many,
 * `conflict` if it is already on.
 */
export async function enableTwoFactor(
  actor: Actor,
  { setupToken, code }: { setupToken: string; code: string },
  session: string | null,
): Promise<string[]> {
  requirePerson(actor)
  const secret = secretIn(actor, setupToken)
  const last_step = await countingGuesses(
    actor,
    async () => stepOf(secret, requireDigits(code, /^\d{6}$/, "Enter the six digits shown in the app.")) ?? wrong(),
  )
  const codes = newRecoveryCodes()
  const factor = { owner_id: actor.owner_id, secret: seal(secret, purpose(actor)), last_step }
  const hashes = await hashRecoveryCodes(codes)
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "factor.enabled" })
  const keptSession = session === null ? null : idOf(session)
  if (!(await writeAs(actor, { scope: "write" }, (tx) => insertFactor(tx, factor, hashes, keptSession, event))))
    throw problem("conflict", "Two-step sign-in is already on. Reload the page to create recovery codes.")
  return codes
}

const purpose = ({ owner_id }: Pick<Actor, "owner_id">) => `second factor of ${owner_id}`
const setupOf = ({ owner_id }: Actor) => `second factor to be of ${owner_id}`

function secretIn(actor: Actor, setupToken: string): string {
  const { secret, until } = JSON.parse(unseal(setupToken, setupOf(actor)) ?? "{}") as {
    secret?: string
    until?: number
  }
  if (secret === undefined || Date.now() > until!)
    throw problem("invalid", "The setup expired. Start again, and remove the entry you added to your app.")
  return secret
}

function setupOfSecret({ username }: Actor, setupToken: string, secret: string, host: string): Setup {
  const address = addressOf(secret, username, host)
  return { setupToken, secret, address, qr: qrOf(address) }
}

// — While it is on —

/** What a change requires: the password, and a code or recovery code. */
export type Proof = { password: string; code: string }

/**
 * Creates new recovery codes, which replace the old ones and cannot be read again. Throws what `requirePassword` and
 * `requireCode` throw.
 */
export async function renewRecoveryCodes(actor: Actor, proof: Proof): Promise<string[]> {
  await requireProof(actor, proof)
  const codes = newRecoveryCodes()
  const hashes = await hashRecoveryCodes(codes)
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "factor.codes_renewed" })
  const replace = (tx: Db) => replaceRecoveryCodes(tx, actor.owner_id, hashes, event)
  if (!(await writeAs(actor, { scope: "write" }, replace))) throw isOff()
  return codes
}

/** Turns off two-step sign-in. Throws what `requirePassword` and `requireCode` throw. */
export async function disableTwoFactor(actor: Actor, proof: Proof): Promise<void> {
  await requireProof(actor, proof)
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "factor.disabled" })
  if (!(await writeAs(actor, { scope: "write" }, (tx) => deleteFactor(tx, actor.owner_id, event)))) throw isOff()
}

/** Turns off two-step sign-in for somebody who lost app and codes. For administrators. */
export async function resetTwoFactor(actor: Actor, { id, username }: Account): Promise<void> {
  const event = auditEvent({ actor, owner_id: id, action: "factor.dropped", subject: username })
  const drop = (tx: Db) => deleteFactor(tx, id, event, { ...event, owner_id: null })
  if (!(await writeAs(actor, { administrator: true }, drop)))
    throw problem("invalid", `Two-step sign-in is off for ${username}.`)
}

async function requireProof(actor: Actor, { password, code }: Proof): Promise<void> {
  requirePerson(actor)
  await requirePassword(actor, password)
  await requireCode(actor, code)
}

const isOff = () => problem("conflict", "Two-step sign-in is off.")

// — Codes —

/**
 * Requires a code from the account's app or a recovery code; each works once. Throws `invalid` at the field `code` for
 * a wrong one, `throttled` for too many.
 */
export async function requireCode(actor: Claimant, given: string): Promise<void> {
  const code = requireDigits(given, /^(\d{6}|\d{16})$/, "A code has 6 digits, a recovery code 16.")
  const factor = await findFactor(actor.owner_id)
  if (!factor) throw isOff()
  await countingGuesses(actor, () => (code.length === 6 ? spendCode(factor, code) : spendRecovery(actor, code)))
}
type Claimant = Pick<Actor, "owner_id" | "via" | "address">

async function spendCode(factor: Factor, code: string): Promise<void> {
  const secret = unseal(factor.secret, purpose(factor))
  // The secret of the installation has changed since.
  if (secret === undefined)
    throw problem(
      "unavailable",
      "Codes from your app can no longer be verified. Use a recovery code, or ask the administrator to turn off two-step sign-in for you.",
    )
  const step = stepOf(secret, code) ?? wrong()
  if (!(await spendStep(factor.owner_id, step))) refuse("This code was already used. Wait for the next one.")
}

async function spendRecovery(actor: Claimant, code: string): Promise<void> {
  const hash = (await hashOf(code, await listUnusedHashes(actor.owner_id))) ?? wrong()
  if (
    !(await spendRecoveryCode(
      actor.owner_id,
      hash,
      auditEvent({ actor, owner_id: actor.owner_id, action: "factor.recovered" }),
    ))
  )
    wrong()
}

function requireDigits(given: string, shape: RegExp, complaint: string): string {
  const code = normalizeCode(given)
  return code === "" ? refuse("Enter the code.") : shape.test(code) ? code : refuse(complaint)
}

const wrong = (): never => refuse("The code is wrong.")

function refuse(complaint: string): never {
  throw problem("invalid", complaint, { code: complaint })
}

const window = 15 * 60

/** The limits against guessing, stricter than for passwords, because the caller already has the password. */
const guessLimits = (id: number, network: string) => [
  { key: `code:address:${network}`, limit: 60, complaint: "Too many wrong codes from your address." },
  { key: `code:account:${id}:${network}`, limit: 10, complaint: "Too many wrong codes." },
  { key: `code:account:${id}`, limit: 30, complaint: "Too many wrong codes." },
]

async function countingGuesses<T>({ owner_id, address }: Claimant, check: () => Promise<T>): Promise<T> {
  const counted = guessLimits(owner_id, networkOf(address))
  for (const { key, limit, complaint } of counted) await consumeRateLimit(key, limit, window, complaint)
  const result = await check()
  for (const { key } of counted) await refundRateLimit(key)
  return result
}
