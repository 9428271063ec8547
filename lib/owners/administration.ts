import { createHash, randomBytes } from "node:crypto"

import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { resetTwoFactor, accountsWithTwoFactor } from "@/lib/two-factor/two-factor"
import { missing, problem } from "@/lib/problem"
import {
  findPasswordLink,
  insertPasswordLink,
  listAccountsForAdmin,
  setAdministrator,
  setDisabled,
  usePasswordLink,
} from "./administration-store"
import { requireStrongPassword } from "./password-strength"
import { hashPassword } from "./password"
import { Password } from "./schema"
import { findAccountRow, type Account } from "./store"

const pageSize = 50
/** Hours a password link can be used. */
export const linkHours = 24

/** An account as administrators see it. */
export type ListedAccount = Account & { two_steps: boolean }

/** Accounts by name, disabled ones included, and the name to go on after. Throws what `requireAdministrator` throws. */
export async function listAccounts(
  actor: Actor,
  { query = "", after = "" } = {},
): Promise<{ rows: ListedAccount[]; next: string | null }> {
  requireAdministrator(actor)
  const rows = await listAccountsForAdmin(query.trim().slice(0, 100), after, pageSize)
  const twoSteps = await accountsWithTwoFactor(rows.map(({ id }) => id))
  return {
    rows: rows.slice(0, pageSize).map((row) => ({ ...row, two_steps: twoSteps.has(row.id) })),
    next: rows.length > pageSize ? rows[pageSize - 1]!.username : null,
  }
}

/**
 * Closes an account: nobody signs in to it, its tokens stop, an organization's members are out. Nothing of it is lost but what it gave out:
 * sessions, offers of models, invitations, and the tokens a person made for organizations end for good.
 */
export async function disableAccount(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.id === actor.owner_id) throw problem("invalid", "You cannot disable your own account.")
  if (
    !(await setDisabled(
      account.id,
      true,
      auditEvent({ actor, owner_id: account.id, action: "account.disabled", subject: username }),
    ))
  )
    throw missing()
}

/** Opens a disabled account again. */
export async function enableAccount(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  if (
    !(await setDisabled(
      account.id,
      false,
      auditEvent({ actor, owner_id: account.id, action: "account.enabled", subject: username }),
    ))
  )
    throw missing()
}

/** Lets a person administer the instance, or no longer. Throws `invalid` for the last administrator. */
export async function changeAdministrator(actor: Actor, username: string, is_admin: boolean): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.type !== "user") throw problem("invalid", "Only a person can administer the instance.")
  const event = auditEvent({
    actor,
    owner_id: account.id,
    action: "account.updated",
    subject: username,
    details: { administrator: is_admin ? "yes" : "no" },
  })
  if (!(await setAdministrator(account.id, is_admin, event)))
    throw problem("invalid", "Somebody has to administer this instance.")
}

/** Turns two-step sign-in off for somebody who lost app and codes. Throws what `resetTwoFactor` throws, `invalid` for one's own account. */
export async function resetTwoFactorOf(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.id === actor.owner_id)
    throw problem("invalid", "Turn off your own two-step sign-in in your settings, with a code.")
  await resetTwoFactor(actor, account)
}

/** A link with which the person sets a new password; it works once, for a day. Its secret is in this answer and nowhere else. */
export async function issuePasswordLink(actor: Actor, username: string): Promise<string> {
  const account = await requireAccount(actor, username)
  if (account.type !== "user" || account.disabled_at)
    throw problem("invalid", "Only a person whose account is open can set a password.")
  const secret = randomBytes(24).toString("base64url")
  await insertPasswordLink(
    { hash: hashOf(secret), owner_id: account.id, expires_at: fromNow(linkHours * 3600) },
    auditEvent({ actor, owner_id: account.id, action: "password.reset_issued", subject: username }),
  )
  return secret
}

/** Whose password a link sets. Throws `missing` once it was used or has expired. */
export async function getPasswordLink(secret: string): Promise<{ owner_id: number; username: string }> {
  const link = /^[\w-]{32}$/.test(secret) ? await findPasswordLink(hashOf(secret)) : undefined
  if (!link) throw missing()
  return link
}

/** Sets the password and ends every session of the person. Throws what `getPasswordLink` throws, `invalid` for a bad password or one that is guessed first. */
export async function setPasswordByLink(secret: string, password: string, address: string | null): Promise<void> {
  const { owner_id, username } = await getPasswordLink(secret)
  await requireStrongPassword(parsed(password), username)
  const hash = await hashPassword(password)
  const event = auditEvent({ actor: { owner_id, via: "web", address }, owner_id, action: "password.reset" })
  if (!(await usePasswordLink(hashOf(secret), owner_id, hash, event))) throw missing()
}

function parsed(password: string): string {
  const result = Password.safeParse(password)
  if (!result.success)
    throw problem("invalid", result.error.issues[0]!.message, { password: result.error.issues[0]!.message })
  return result.data
}

async function requireAccount(actor: Actor, username: string): Promise<Account> {
  requireAdministrator(actor)
  const account = await findAccountRow(username)
  if (!account || account.deleted_at) throw missing()
  return account
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")
