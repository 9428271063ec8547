import type { Db } from "@/db"
import { writeAs } from "@/lib/access/write-as"
import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { setAdministrator, setDisabled, type Account } from "@/lib/owners/owner"
import { missing, problem } from "@/lib/problem"
import { resetTwoFactor, accountsWithTwoFactor } from "@/lib/two-factor/two-factor"
import { runLifecycles } from "./lifecycle"
import { requireAccount } from "./require-account"
import { listAccountsForAdmin } from "./store"

const pageSize = 50

/** An account as administrators see it. */
export type ListedAccount = Account & { two_steps: boolean }

/**
 * Accounts by name, including disabled ones, and the name to continue after. Throws what `requireAdministrator`
 * throws.
 */
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
 * Disables an account: sign-in and tokens stop working, members lose access to an organization. Sessions, transfer
 * offers, invitations and tokens the person created for organizations end permanently; everything else is kept.
 */
export async function disableAccount(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.id === actor.owner_id) throw problem("invalid", "You cannot disable your own account.")
  await change(actor, account, { action: "account.disabled" }, async (tx) => {
    const at = now()
    if (!(await setDisabled(tx, account.id, at))) throw missing()
    await runLifecycles(tx, "disable", account.id, at)
  })
}

/** Enables a disabled account. */
export async function enableAccount(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  await change(actor, account, { action: "account.enabled" }, async (tx) => {
    if (!(await setDisabled(tx, account.id, null))) throw missing()
  })
}

/** Grants or revokes administrator rights. Throws `invalid` for an organization and for the last administrator. */
export async function changeAdministrator(actor: Actor, username: string, is_admin: boolean): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.type !== "user") throw problem("invalid", "Only a person can administer the installation.")
  const details = { administrator: is_admin ? "yes" : "no" }
  await change(actor, account, { action: "account.updated", details }, async (tx) => {
    if (!(await setAdministrator(tx, account.id, is_admin)))
      throw problem("invalid", "The installation needs an administrator.")
  })
}

/**
 * Turns off two-step sign-in for somebody who lost app and codes. Throws what `resetTwoFactor` throws, `invalid` for
 * one's own account.
 */
export async function resetTwoFactorOf(actor: Actor, username: string): Promise<void> {
  const account = await requireAccount(actor, username)
  if (account.id === actor.owner_id)
    throw problem("invalid", "Turn off your own two-step sign-in under Security, with a code.")
  await resetTwoFactor(actor, account)
}

/** Recorded in the audit logs of the account and the installation. */
const change = (
  actor: Actor,
  { id, username }: Account,
  what: Pick<Parameters<typeof auditEvent>[0], "action" | "details">,
  fn: (tx: Db) => Promise<void>,
): Promise<void> =>
  writeAs(actor, { administrator: true }, async (tx) => {
    await fn(tx)
    const event = auditEvent({ actor, owner_id: id, subject: username, ...what })
    await recordEvent(tx, event)
    await recordEvent(tx, { ...event, owner_id: null })
  })
