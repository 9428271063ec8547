import type { Db } from "@/db"
import { requireAbility, requirePerson } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { missing } from "@/lib/problem"
import type { Guard } from "@/lib/revision"
import { requirePassword } from "./confirm-password"
import type { Account } from "./owner"
import { EmailInput, ProfileInput } from "./schema"
import { updateAccountRow } from "./store"

/** Changes a profile. Throws what `requireAbility` throws, `invalid` for bad fields, and what `guard` throws. */
export async function updateProfile(
  actor: Actor,
  account: Account,
  input: ProfileInput,
  guard?: Guard<Account>,
): Promise<Account> {
  requireAbility(actor, account, "profile")
  const fields = ProfileInput.parse({ description: null, avatar_url: null, github_url: null, ...input })
  const changed = (Object.keys(fields) as (keyof typeof fields)[]).filter((field) => fields[field] !== account[field])
  if (changed.length === 0) return account
  const event = auditEvent({
    actor,
    owner_id: account.id,
    action: "account.updated",
    subject: account.username,
    details: Object.fromEntries(changed.map((field) => [field, "changed"])),
  })
  const right = { account, ability: "profile" } as const
  return (await writeAs(actor, right, (tx) => updateAccountRow(tx, account.id, fields, event, guard))) ?? gone()
}

/**
 * Saves or removes the contact email. It is shown to nobody else, and no mail is sent to it. Throws `invalid` for a
 * bad address, what `requirePassword` throws, and what `guard` throws.
 */
export async function updateEmail(actor: Actor, input: EmailInput, guard?: Guard<Account>): Promise<Account> {
  requirePerson(actor)
  const { email, password } = EmailInput.parse(input)
  await requirePassword(actor, password)
  const event = auditEvent({
    actor,
    owner_id: actor.owner_id,
    action: "account.updated",
    subject: actor.username,
    details: {
      email: email === null ? null : "changed",
    },
  })
  const save = (tx: Db) => updateAccountRow(tx, actor.owner_id, { email }, event, guard)
  return (await writeAs(actor, { scope: "write" }, save)) ?? gone()
}

const gone = () => {
  throw missing()
}
