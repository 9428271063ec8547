import { requireAbility, requirePerson } from "@/lib/access/require"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { requirePassword } from "@/lib/owners/confirm-password"
import type { Account } from "@/lib/owners/owner"
import { problem } from "@/lib/problem"
import { closeAccountRow, findBlockers, type Blockers } from "./closing-store"

/** What has to go or be handed over before an account can be deleted, each as a sentence; empty when nothing is in the way. */
export async function listBlockers(actor: Actor, account: Account): Promise<string[]> {
  requireAbility(actor, account, "close")
  return inWords(await findBlockers(account.id))
}

/**
 * Deletes an account: everything of it goes or ends, and nobody ever gets its name. `confirmation` repeats the name; a person proves
 * to be themselves with the password, where there is one. Throws `invalid` with what is in the way.
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
  const blockers = await closeAccountRow(
    account.id,
    auditEvent({ actor, owner_id: account.id, action: "account.deleted", subject: account.username }),
  )
  if (blockers) throw problem("invalid", inWords(blockers).join(" "))
}

const inWords = ({ models, organizations, administrator }: Blockers): string[] => [
  ...(models > 0
    ? [
        `It has ${models === 1 ? "a model" : `${models.toLocaleString("en-US")} models`}: delete them or transfer them to another account.`,
      ]
    : []),
  ...organizations.map((name) => `Nobody else owns ${name}: make somebody an owner there, or delete the organization.`),
  ...(administrator ? ["Nobody else administers this instance: make somebody an administrator first."] : []),
]
