import { write } from "@/db"
import { may, type Ability } from "@/lib/access/policy"
import { requireAbility, requirePerson, rolesWith } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { roles, type Actor, type Role } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { findAccount, getAccount, signUpsPerHour, type Account } from "@/lib/owners/owner"
import { missing, problem } from "@/lib/problem"
import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import { changeMember, findMember, listMemberRows, listRoleRows, maxOrganizations, type Member } from "./member-store"
import { CreateOrganizationInput } from "./schema"
import { insertOrganization, listOrganizationRows } from "./store"

export { changeMember, type Member }

/**
 * Creates an organization owned by the actor. Throws `conflict` if the name was ever used, `forbidden` if the actor has
 * as many organizations as they may, `throttled` for too many at once.
 */
export async function createOrganization(actor: Actor, input: CreateOrganizationInput): Promise<Account> {
  requirePerson(actor)
  const { username, name } = CreateOrganizationInput.parse(input)
  await consumeRateLimit(
    `organization:${actor.owner_id}`,
    signUpsPerHour(),
    3600,
    "You created too many organizations.",
  )
  const event = auditEvent({ actor, owner_id: null, action: "account.opened", subject: username })
  const organization = await writeAs(actor, { scope: "write" }, (tx) =>
    insertOrganization(tx, { username, name: name || username }, actor.owner_id, event),
  )
  if (!organization)
    throw problem("conflict", `The name ${username} is taken.`, { username: "This name is taken. Choose another." })
  if (organization === "busy") throw tooManyOrganizations()
  return organization
}

export const tooManyOrganizations = () =>
  problem("forbidden", `You are a member of ${maxOrganizations} organizations, the maximum. Leave one first.`)

/**
 * The organization of the bundled models, created on first use. It has no members, and its name is reserved. Null if
 * an administrator has disabled it.
 */
export async function findOrCreateBundledOrganization(
  fields: Pick<Account, "username" | "name" | "description">,
): Promise<Account | null> {
  const event = auditEvent({ actor: null, owner_id: null, action: "account.opened", subject: fields.username })
  const existing = await findAccount(fields.username)
  if (existing) return existing
  const inserted = await write((tx) => insertOrganization(tx, fields, null, { ...event, via: "cli" }))
  return inserted && inserted !== "busy" ? inserted : ((await findAccount(fields.username)) ?? null)
}

/** A person's current roles by organization, for the actor of a request. */
export async function rolesOf(user_id: number): Promise<ReadonlyMap<number, Role>> {
  const rows = await listRoleRows(user_id)
  return rows.length ? new Map(rows.map(({ organization_id, role }) => [organization_id, role])) : nowhere
}
const nowhere: ReadonlyMap<number, Role> = new Map()

/** The organization of that name, if the actor has the ability. Throws `missing`, and what `requireAbility` throws. */
export async function getOrganization(actor: Actor, username: string, ability: Ability): Promise<Account> {
  const organization = await findAccount(username)
  if (organization?.type !== "organization") throw missing()
  requireAbility(actor, organization, ability)
  return organization
}

export const listOrganizations = (actor: Actor): Promise<{ organization: Account; role: Role }[]> =>
  actor.roles?.size ? listOrganizationRows(actor.owner_id) : Promise.resolve([])

/** An account of the actor, and why the actor may not create models for it; null if they may. */
export type OwnerChoice = { owner: Account; role: Role | null; refused: string | null }

/** The actor's account, then their organizations. */
export async function ownerChoices(actor: Actor): Promise<OwnerChoice[]> {
  const own = await getAccount(actor.username)
  const others = (await listOrganizations(actor)).map(({ organization, role }) => ({
    owner: organization,
    role,
    refused: may(actor, "create", organization.id)
      ? null
      : `You are ${withArticle(role)}; only ${rolesWith("create")} can create models.`,
  }))
  return [{ owner: own, role: null, refused: null }, ...others]
}

/** The accounts that the actor may create models for, their own first. */
export const ownersToCreateFor = async (actor: Actor): Promise<Account[]> =>
  (await ownerChoices(actor)).filter(({ refused }) => refused === null).map(({ owner }) => owner)

/** The members of an organization, owners first. For members only. */
export async function listMembers(actor: Actor, organization: Account): Promise<Member[]> {
  requireAbility(actor, organization, "see")
  const rows = await listMemberRows(organization.id)
  return rows.sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role))
}

/** A member by name; undefined if there is none. For members only. */
export async function findMemberNamed(
  actor: Actor,
  organization: Account,
  username: string,
): Promise<Member | undefined> {
  requireAbility(actor, organization, "see")
  return findMember(organization.id, username)
}

export const withArticle = (role: Role): string => `${/^[ao]/.test(role) ? "an" : "a"} ${role}`
