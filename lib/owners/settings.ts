import type { Actor } from "@/lib/auth/actor"
import { listEvents } from "@/lib/events/list"
import { auditEvent } from "@/lib/events/record"
import { presentEvent } from "@/lib/events/present"
import { getTwoFactorStatus } from "@/lib/two-factor/two-factor"
import type { Guard } from "@/lib/revision"
import { listOwnModels } from "@/lib/models/model"
import { presentModelFor } from "@/lib/models/present"
import { requireAbility } from "@/lib/access/require"
import { listOrganizations, requirePerson } from "@/lib/organizations/organization"
import { missing, problem } from "@/lib/problem"
import { idOf, listSessions } from "@/lib/sessions/session"
import { presentToken } from "@/lib/tokens/present"
import { listTokens } from "@/lib/tokens/token"
import { closeAccountRow, findBlockers, type Blockers } from "./closing-store"
import { replacePassword } from "./credentials-store"
import { getAccount, type Account } from "./owner"
import { requireStrongPassword } from "./password-strength"
import { hashPassword } from "./password"
import { presentAccount } from "./present"
import { requirePassword } from "./confirm-password"
import { ChangePasswordInput, EmailInput, ProfileInput } from "./schema"
import { updateAccountRow } from "./store"

/** Changes what an account says of itself. Throws what `requireAbility` throws, `invalid` for bad fields, and what `guard` throws. */
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
  return (await updateAccountRow(account.id, fields, event, guard)) ?? gone()
}

/**
 * Keeps an e-mail address for the person, or none. It is shown to nobody else and no mail is sent to it. Throws `invalid` for a bad address,
 * what `requirePassword` throws, and what `guard` throws.
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
  return (await updateAccountRow(actor.owner_id, { email }, event, guard)) ?? gone()
}

const gone = () => {
  throw missing()
}

/**
 * Gives the actor another password and signs every other browser out. Throws `invalid` for a wrong current one, `throttled` for too
 * many, what `requireStrongPassword` throws; an account that had none, because it signs in by other means, gets its first.
 */
export async function changePassword(actor: Actor, input: ChangePasswordInput, secret: string | null): Promise<void> {
  requirePerson(actor)
  const { current, password } = ChangePasswordInput.parse(input)
  await requirePassword(actor, current, "current")
  await requireStrongPassword(password, actor.username)
  await replacePassword(
    actor.owner_id,
    await hashPassword(password),
    secret === null ? null : idOf(secret),
    auditEvent({ actor, owner_id: actor.owner_id, action: "password.changed" }),
  )
}

/** Everything that is kept about the actor, as one JSON document. Secrets are not in it: only their hashes are kept. */
export async function exportAccount(actor: Actor, origin: string) {
  requirePerson(actor)
  const account = await getAccount(actor.username)
  const [models, tokens, sessions, organizations, events] = [
    await everything((cursor) => listOwnModels(actor, cursor, 500)),
    await listTokens(actor),
    await listSessions(actor, null),
    await listOrganizations(actor),
    await everything((cursor) => listEvents(actor, account, {}, cursor, 500)),
  ]
  return {
    account: {
      ...presentAccount(account),
      description: account.description,
      email: account.email,
      created_at: account.created_at,
    },
    two_step_sign_in: await getTwoFactorStatus(actor.owner_id),
    models: models.map((model) => presentModelFor(actor, model, origin)),
    tokens: tokens.map(presentToken),
    sessions: sessions.map(({ handle: _handle, current: _current, ...session }) => session),
    organizations: organizations.map(({ organization, role }) => ({ username: organization.username, role })),
    events: events.map(presentEvent),
  }
}

async function everything<T>(page: (cursor?: string) => Promise<{ rows: T[]; next: string | null }>): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const { rows, next } = await page(cursor)
    all.push(...rows)
    cursor = next ?? undefined
  } while (cursor)
  return all
}

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
