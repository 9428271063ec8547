import { createHash, randomBytes } from "node:crypto"

import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Db } from "@/db"
import { stillHasAbility, writeAs } from "@/lib/access/write-as"
import type { Actor, Role } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { findAccount, type Account } from "@/lib/owners/owner"
import { invalid, missing, problem } from "@/lib/problem"
import { requireAbility } from "@/lib/access/require"
import {
  acceptInvitationRow,
  countPendingFor,
  endInvitationRow,
  findInvitation,
  findInvitationByHash,
  insertInvitation,
  listInvitationRows,
  listInvitationRowsFor,
  maxInvitations,
  shownInvitations,
  type Invitation,
} from "./invitation-store"
import { maxMembers } from "./member-store"
import { findMemberNamed, tooManyOrganizations } from "./organization"
import { requirePerson } from "@/lib/access/require"
import { abilityToAssign } from "@/lib/access/policy"
import { invitationDays, InviteByLinkInput, InviteInput } from "./schema"

export { shownInvitations, type Invitation }

const maxPerHour = 200

/**
 * Invites a person by name; the invitation appears under Organizations. Throws what `requireAbility` throws, `invalid`
 * for somebody who cannot be invited.
 */
export async function invite(actor: Actor, organization: Account, input: InviteInput): Promise<void> {
  requireAbility(actor, organization, "members")
  const { username, role } = InviteInput.parse(input)
  requireAbility(actor, organization, abilityToAssign(role))

  const person = await findAccount(username)
  if (person?.type !== "user") throw invalid({ username: `There is no user named ${username}.` })
  if (await findMemberNamed(actor, organization, username))
    throw invalid({ username: `${username} is already a member.` })

  await countInvitation(organization)
  const fields = {
    organization_id: organization.id,
    role,
    user_id: person.id,
    invited_by: actor.owner_id,
    expires_at: fromNow(invitationDays * 86_400),
  }
  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "member.invited",
    subject: username,
    details: { role },
  })
  const inserted = await writeInviting(actor, organization, role, (tx) => insertInvitation(tx, fields, event))
  if (inserted === "full") throw tooManyInvitations(organization)
  if (!inserted) throw invalid({ username: `${username} is already invited.` })
}

/** Creates a link that makes the first person who accepts it a member. Its secret is only in the result. */
export async function inviteByLink(actor: Actor, organization: Account, input: InviteByLinkInput): Promise<string> {
  requireAbility(actor, organization, "members")
  const { role, days } = InviteByLinkInput.parse(input)
  requireAbility(actor, organization, abilityToAssign(role))

  await countInvitation(organization)
  const secret = randomBytes(24).toString("base64url")
  const fields = {
    organization_id: organization.id,
    role,
    hash: hashOf(secret),
    invited_by: actor.owner_id,
    expires_at: fromNow(days * 86_400),
  }
  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "member.invited",
    subject: "somebody with a link",
    details: { role, days },
  })
  const inserted = await writeInviting(actor, organization, role, (tx) => insertInvitation(tx, fields, event))
  if (inserted === "full") throw tooManyInvitations(organization)
  return secret
}

const tooManyInvitations = ({ username }: Account) =>
  problem(
    "forbidden",
    `${username} has ${maxInvitations.toLocaleString("en-US")} pending invitations, the maximum. Revoke some first.`,
  )

/** A write by an actor who may assign this role. Throws what `requireAbility` throws. */
const writeInviting = <T>(actor: Actor, organization: Account, role: Role, fn: (tx: Db) => Promise<T>): Promise<T> =>
  writeAs(actor, { account: organization, ability: "members" }, async (tx, current) => {
    requireAbility(current, organization, abilityToAssign(role))
    return fn(tx)
  })

/** The pending invitations of an organization. */
export async function listInvitations(actor: Actor, organization: Account): Promise<Invitation[]> {
  requireAbility(actor, organization, "members")
  return listInvitationRows(organization.id)
}

/** Revokes an invitation. Throws what `requireAbility` throws, `missing` if it is no longer pending. */
export async function revokeInvitation(actor: Actor, organization: Account, id: number): Promise<void> {
  requireAbility(actor, organization, "members")
  const invitation = Number.isSafeInteger(id)
    ? await findInvitation(id, { organization_id: organization.id })
    : undefined
  if (!invitation) throw missing()
  requireAbility(actor, organization, abilityToAssign(invitation.role))
  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "invitation.revoked",
    subject: invitation.user,
    details: {
      role: invitation.role,
      link: invitation.user === null,
    },
  })
  const end = (tx: Db) => endInvitationRow(tx, id, event)
  if (!(await writeInviting(actor, organization, invitation.role, end))) throw missing()
}

/** The newest pending invitations of the actor, up to `shownInvitations`. */
export const listOwnInvitations = (actor: Actor): Promise<Invitation[]> => listInvitationRowsFor(actor.owner_id)

/** The number of a person's pending invitations, counted up to `shownInvitations`, for the menu of every page. */
export const countInvitations = (user_id: number): Promise<number> => countPendingFor(user_id)

/**
 * The invitation of a link. Throws `missing` if it was used, revoked or has expired; whoever has the link may see it.
 */
export async function getInvitationByLink(secret: string): Promise<Invitation> {
  const invitation = /^[\w-]{32}$/.test(secret) ? await findInvitationByHash(hashOf(secret)) : undefined
  if (!invitation) throw missing()
  return invitation
}

/**
 * Accepts the invitation of a link. Throws `missing` as `getInvitationByLink` and if its maker lost the right to it,
 * `conflict` for members, `forbidden` at the limits of members and organizations, and what `writeAs` throws.
 */
export const acceptLink = async (actor: Actor, secret: string): Promise<Invitation> =>
  accept(actor, await getInvitationByLink(secret))

/** Accepts an invitation of the actor. Throws what `acceptLink` throws. */
export const acceptInvitation = async (actor: Actor, id: number): Promise<Invitation> =>
  accept(actor, await requireOwn(actor, id))

/** Declines an invitation of the actor. Throws `missing` if it is not pending. */
export async function declineInvitation(actor: Actor, id: number): Promise<void> {
  const invitation = await requireOwn(actor, id)
  const event = auditEvent({ actor, owner_id: invitation.organization_id, action: "invitation.declined" })
  if (!(await writeAs(actor, { scope: "write" }, (tx) => endInvitationRow(tx, id, event)))) throw missing()
}

async function accept(actor: Actor, invitation: Invitation): Promise<Invitation> {
  requirePerson(actor)
  const event = auditEvent({
    actor,
    owner_id: invitation.organization_id,
    action: "member.joined",
    subject: invitation.role,
    details: {
      invited_by: invitation.invited_by,
      link: invitation.user === null,
    },
  })
  const outcome = await writeAs(actor, { scope: "write" }, async (tx) => {
    const { invited_by_id, organization_id, role } = invitation
    if (!(await stillHasAbility(tx, invited_by_id, abilityToAssign(role), organization_id))) return "gone"
    return acceptInvitationRow(tx, invitation, actor.owner_id, event)
  })
  if (outcome === "gone") throw missing()
  if (outcome === "member") throw problem("conflict", `You are already a member of ${invitation.organization}.`)
  if (outcome === "busy") throw tooManyOrganizations()
  if (outcome === "full")
    throw problem(
      "forbidden",
      `${invitation.organization} has ${maxMembers.toLocaleString("en-US")} members, the maximum.`,
    )
  return invitation
}

async function requireOwn(actor: Actor, id: number): Promise<Invitation> {
  const invitation = Number.isSafeInteger(id) ? await findInvitation(id, { user_id: actor.owner_id }) : undefined
  if (!invitation) throw missing()
  return invitation
}

const countInvitation = (organization: Account) =>
  consumeRateLimit(`invite:${organization.id}`, maxPerHour, 3600, "Too many invitations.")

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")
