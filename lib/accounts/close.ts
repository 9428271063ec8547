import { read } from "@/db"
import { requireAbility, requirePerson } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { requirePassword } from "@/lib/owners/confirm-password"
import type { Account } from "@/lib/owners/owner"
import { problem } from "@/lib/problem"
import { blockersOf, runLifecycles } from "./lifecycle"

/** What prevents the deletion of an account, each as a sentence; empty if nothing does. */
export async function listBlockers(actor: Actor, account: Account): Promise<string[]> {
  requireAbility(actor, account, "close")
  return blockersOf(read(), account.id)
}

/**
 * Deletes an account permanently; its name is never given out again. `confirmation` repeats the name; a person
 * confirms with the password, if there is one. Throws `invalid` with everything that prevents it.
 */
export async function deleteAccount(
  actor: Actor,
  account: Account,
  { confirmation, password }: { confirmation: string; password: string },
): Promise<void> {
  requirePerson(actor)
  requireAbility(actor, account, "close")
  if (confirmation.trim() !== account.username)
    throw problem("invalid", "The name does not match.", { confirmation: `Enter ${account.username} to confirm.` })
  await requirePassword(actor, password)
  const event = auditEvent({ actor, owner_id: account.id, action: "account.deleted", subject: account.username })
  // Blockers are looked up inside the transaction.
  const blockers = await writeAs(actor, { account, ability: "close" }, async (tx) => {
    const blockers = await blockersOf(tx, account.id)
    if (blockers.length > 0) return blockers
    await runLifecycles(tx, "close", account.id, now())
    await recordEvent(tx, event)
    return []
  })
  if (blockers.length > 0) throw problem("invalid", blockers.join(" "))
}
