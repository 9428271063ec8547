import { and, eq } from "drizzle-orm"
import { describe, expect, test } from "vitest"

import { write } from "@/db"
import { invitations, members, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { listEvents } from "@/lib/events/list"
import { createModel, deleteModel, getModel, listModelsOf, updateModel } from "@/lib/models/model"
import { checkAvailability } from "@/lib/models/availability"
import { addUser } from "@/lib/owners/owner"
import { disableAccountRow } from "@/lib/test/accounts"
import { aMember, aModel, anOrganization, anAccount, aName, aToken, modelInput, renewed } from "@/lib/test/factories"
import { authenticateToken, issueToken, listTokens, revokeToken } from "@/lib/tokens/token"
import {
  acceptInvitation,
  acceptLink,
  countInvitations,
  declineInvitation,
  getInvitationByLink,
  invite,
  inviteByLink,
  listInvitations,
  listOwnInvitations,
  revokeInvitation,
  shownInvitations,
} from "./invitation"
import { maxInvitations } from "./invitation-store"
import { maxMembers, maxOrganizations } from "./member-store"
import { changeRole, leaveOrganization, removeMember } from "@/lib/accounts/members"
import {
  createOrganization,
  getOrganization,
  listMembers,
  listOrganizations,
  ownerChoices,
  ownersToCreateFor,
} from "./organization"
import { roles, type Role } from "@/lib/auth/actor"

const missing = { kind: "missing" }
const forbidden = { kind: "forbidden" }

/** An organization with one member of each role. */
async function aTeam() {
  const { organization, actor: owner } = await anOrganization()
  const [admin, developer, viewer] = await Promise.all(
    (["admin", "developer", "viewer"] as const).map((role) => aMember(owner, organization, role)),
  )
  return { organization, owner, admin: admin!, developer: developer!, viewer: viewer! }
}

describe("an organization", () => {
  test("shares one name space with people: a name that was ever used is taken for both", async () => {
    const { actor } = await anAccount()
    const name = aName("org")
    await createOrganization(actor, { username: name })
    await expect(createOrganization(actor, { username: name })).rejects.toMatchObject({
      kind: "conflict",
      fields: { username: expect.any(String) },
    })
    await expect(createOrganization(actor, { username: actor.username })).rejects.toMatchObject({ kind: "conflict" })
    await expect(addUser({ username: name })).rejects.toMatchObject({ kind: "conflict" })
    await expect(createOrganization(actor, { username: "organizations" })).rejects.toThrow("reserved")
  })

  test("is opened by a person, never by a token", async () => {
    const { actor } = await anAccount()
    const speaker = (await authenticateToken(await aToken(actor), "api"))!
    await expect(createOrganization(speaker, { username: aName("org") })).rejects.toMatchObject(forbidden)
  })

  test("begins with the person who opened it as its owner", async () => {
    const { organization, actor } = await anOrganization()
    expect(await listMembers(actor, organization)).toMatchObject([{ username: actor.username, role: "owner" }])
    expect(await listOrganizations(actor)).toMatchObject([
      { organization: { username: organization.username }, role: "owner" },
    ])
  })

  test("is not there for strangers, and a role that lacks the ability is told who has it", async () => {
    const { organization, viewer } = await aTeam()
    const { actor: stranger } = await anAccount()
    await expect(getOrganization(stranger, organization.username, "see")).rejects.toMatchObject(missing)
    await expect(getOrganization(stranger, stranger.username, "see")).rejects.toMatchObject(missing)
    await expect(getOrganization(viewer, organization.username, "members")).rejects.toMatchObject({
      ...forbidden,
      detail: expect.stringContaining("owners and admins"),
    })
  })

  test("that is disabled gives its members nothing any more", async () => {
    const { organization, owner } = await aTeam()
    const model = await aModel(owner, { owner: organization.username, visibility: "private" })
    await disableAccountRow(organization.username)
    await expect(getModel(await renewed(owner), organization.username, model.name)).rejects.toMatchObject(missing)
  })
})

describe("the models of an organization", () => {
  test("are created by owners, admins and developers", async () => {
    const { organization, owner, admin, developer, viewer } = await aTeam()
    for (const actor of [owner, admin, developer])
      expect(await aModel(actor, { owner: organization.username })).toMatchObject({ owner: organization.username })
    await expect(aModel(viewer, { owner: organization.username })).rejects.toMatchObject({
      ...forbidden,
      detail: expect.stringContaining("owners, admins and developers"),
    })
    await expect(aModel((await anAccount()).actor, { owner: organization.username })).rejects.toMatchObject(forbidden)
  })

  test("are seen by members only while they are private", async () => {
    const { organization, owner, viewer } = await aTeam()
    const { name } = await aModel(owner, { owner: organization.username, visibility: "private" })
    const { actor: stranger } = await anAccount()
    expect(await getModel(viewer, organization.username, name)).toMatchObject({ name })
    expect((await listModelsOf(viewer, organization)).rows).toHaveLength(1)
    expect((await listModelsOf(stranger, organization)).rows).toHaveLength(0)
    await expect(getModel(stranger, organization.username, name)).rejects.toMatchObject(missing)
    await expect(getModel(null, organization.username, name)).rejects.toMatchObject(missing)
  })

  test("are changed by developers, but only admins and owners decide who sees them and whether they stay", async () => {
    const { organization, owner, admin, developer, viewer } = await aTeam()
    const { name } = await aModel(owner, { owner: organization.username, visibility: "private" })
    const org = organization.username
    await expect(updateModel(viewer, org, name, { description: "x" })).rejects.toMatchObject(forbidden)
    expect(await updateModel(developer, org, name, { description: "x", visibility: "private" })).toMatchObject({
      description: "x",
    })
    await expect(updateModel(developer, org, name, { visibility: "public" })).rejects.toMatchObject(forbidden)
    await expect(deleteModel(developer, org, name)).rejects.toMatchObject(forbidden)
    await updateModel(admin, org, name, { visibility: "public" })
    await updateModel(admin, org, name, { visibility: "private" })
    await deleteModel(admin, org, name)
  })

  test("are out of reach for the personal token of a member: a token acts for one account", async () => {
    const { organization, owner } = await aTeam()
    const { name } = await aModel(owner, { owner: organization.username, visibility: "private" })
    const speaker = (await authenticateToken(await aToken(owner), "api"))!
    await expect(getModel(speaker, organization.username, name)).rejects.toMatchObject(missing)
    await expect(createModel(speaker, modelInput(owner, { owner: organization.username }))).rejects.toMatchObject({
      ...forbidden,
      detail: expect.stringContaining("Use a token that belongs to"),
    })
  })

  test("may be named freely by who may create there, and by nobody else", async () => {
    const { organization, developer, viewer } = await aTeam()
    const asked = { owner: organization.username, name: "hotdog" }
    expect(await checkAvailability(developer, asked)).toEqual({ status: "free" })
    await expect(checkAvailability(viewer, asked)).rejects.toMatchObject(forbidden)
  })
})

test("the owners to choose from are one's own account and every organization, with why some cannot be chosen", async () => {
  const { organization, viewer } = await aTeam()
  const choices = await ownerChoices(viewer)
  expect(choices.map(({ owner, role, refused }) => [owner.username, role, refused])).toEqual([
    [viewer.username, null, null],
    [organization.username, "viewer", "You are a viewer; only owners, admins and developers can create models."],
  ])
  expect((await ownersToCreateFor(viewer)).map(({ username }) => username)).toEqual([viewer.username])
})

describe("the tokens of an organization", () => {
  test("are issued, listed and revoked by owners and admins, and act as the organization", async () => {
    const { organization, admin, developer } = await aTeam()
    const { token, secret } = await issueToken(admin, { name: "ci" }, organization)
    expect(await authenticateToken(secret, "api")).toMatchObject({
      username: organization.username,
      owner_id: organization.id,
      is_admin: false,
    })
    expect((await listTokens(admin, organization)).map(({ name }) => name)).toEqual(["ci"])
    expect(await listTokens(admin)).toEqual([])

    await expect(issueToken(developer, { name: "mine" }, organization)).rejects.toMatchObject(forbidden)
    await expect(listTokens(developer, organization)).rejects.toMatchObject(forbidden)
    await expect(revokeToken(developer, token.id, organization)).rejects.toMatchObject(forbidden)
    await expect(issueToken((await anAccount()).actor, { name: "x" }, organization)).rejects.toMatchObject(missing)

    await revokeToken(admin, token.id, organization)
    expect(await authenticateToken(secret, "api")).toBeUndefined()
  })

  test("end when the person who made them loses the right to make one", async () => {
    const { organization, owner, admin } = await aTeam()
    const kept = (await issueToken(owner, { name: "of the owner" }, organization)).secret
    const { secret } = await issueToken(admin, { name: "of the admin" }, organization)
    await changeRole(owner, organization, admin.username, "developer")
    expect(await authenticateToken(secret, "api")).toBeUndefined()
    expect(await authenticateToken(kept, "api")).toBeDefined()
  })
})

describe("a removed member", () => {
  test("loses everything with the next request: models, tokens they made, invitations they sent", async () => {
    const { organization, owner, admin } = await aTeam()
    const { name } = await aModel(owner, { owner: organization.username, visibility: "private" })
    const { secret } = await issueToken(admin, { name: "ci" }, organization)
    const link = await inviteByLink(admin, organization, { role: "admin" })
    expect(await getModel(admin, organization.username, name)).toBeDefined()

    await removeMember(owner, organization, admin.username)
    const now = await renewed(admin)
    await expect(getModel(now, organization.username, name)).rejects.toMatchObject(missing)
    await expect(updateModel(now, organization.username, name, {})).rejects.toMatchObject(missing)
    await expect(listMembers(now, organization)).rejects.toMatchObject(missing)
    expect(await authenticateToken(secret, "api")).toBeUndefined()
    await expect(acceptLink(now, link)).rejects.toMatchObject(missing)
    expect((await ownersToCreateFor(now)).map(({ username }) => username)).toEqual([admin.username])
  })
})

describe("the last owner", () => {
  test("can neither leave, nor be removed, nor become anything else", async () => {
    const { organization, owner, admin } = await aTeam()
    await expect(leaveOrganization(owner, organization)).rejects.toMatchObject({
      kind: "invalid",
      detail: expect.stringContaining("needs an owner"),
    })
    await expect(removeMember(owner, organization, owner.username)).rejects.toMatchObject({ kind: "invalid" })
    await expect(changeRole(owner, organization, owner.username, "viewer")).rejects.toMatchObject({ kind: "invalid" })
    expect((await listMembers(owner, organization))[0]).toMatchObject({ username: owner.username, role: "owner" })

    await changeRole(owner, organization, admin.username, "owner")
    await leaveOrganization(owner, organization)
    await expect(leaveOrganization(await renewed(admin), organization)).rejects.toMatchObject({ kind: "invalid" })
  })

  test("is not lost when two owners leave at the same moment", async () => {
    const { organization, owner, admin } = await aTeam()
    await changeRole(owner, organization, admin.username, "owner")
    const outcomes = await Promise.allSettled([
      leaveOrganization(owner, organization),
      leaveOrganization(await renewed(admin), organization),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
  })
})

describe("roles", () => {
  test("are changed by owners and admins, but only an owner touches an owner", async () => {
    const { organization, owner, admin, developer, viewer } = await aTeam()
    await changeRole(admin, organization, viewer.username, "developer")
    await expect(changeRole(developer, organization, viewer.username, "viewer")).rejects.toMatchObject(forbidden)
    await expect(changeRole(admin, organization, viewer.username, "owner")).rejects.toMatchObject(forbidden)
    await expect(changeRole(admin, organization, admin.username, "owner")).rejects.toMatchObject(forbidden)
    await expect(changeRole(admin, organization, owner.username, "viewer")).rejects.toMatchObject(forbidden)
    await expect(removeMember(admin, organization, owner.username)).rejects.toMatchObject(forbidden)
    await expect(changeRole(admin, organization, (await anAccount()).actor.username, "viewer")).rejects.toMatchObject(
      missing,
    )
    await expect(changeRole(admin, organization, viewer.username, "king" as never)).rejects.toThrow()
  })

  test("an owner who becomes an admin takes back the owners they invited, and only those", async () => {
    const { organization, owner, admin } = await aTeam()
    await changeRole(owner, organization, admin.username, "owner")
    const second = await renewed(admin)
    const [asOwner, asViewer] = [
      await inviteByLink(second, organization, { role: "owner" }),
      await inviteByLink(second, organization, { role: "viewer" }),
    ]
    await changeRole(owner, organization, admin.username, "admin")
    await expect(getInvitationByLink(asOwner)).rejects.toMatchObject(missing)
    expect(await getInvitationByLink(asViewer)).toMatchObject({ role: "viewer" })
  })
})

describe("there are only so many", () => {
  /** Inserts accounts without signing them up. */
  const accounts = (count: number, type: "user" | "organization") =>
    write((tx) =>
      tx
        .insert(owners)
        .values(
          Array.from({ length: count }, () => ({
            username: aName("many"),
            name: "",
            type,
            is_admin: false,
            model_count: 0,
            created_at: now(),
          })),
        )
        .returning({ id: owners.id }),
    )
  const joined_at = now()

  test("members of an organization", async () => {
    const { organization, actor } = await anOrganization()
    const people = await accounts(maxMembers - 1, "user")
    await write((tx) =>
      tx.insert(members).values(
        people.map(({ id }) => ({
          organization_id: organization.id,
          user_id: id,
          role: "viewer" as const,
          joined_at,
        })),
      ),
    )
    const { actor: bob } = await anAccount()
    const link = await inviteByLink(actor, organization, { role: "viewer" })
    await expect(acceptLink(bob, link)).rejects.toMatchObject({
      kind: "forbidden",
      detail: expect.stringContaining("1,000 members, the maximum"),
    })
    expect((await renewed(bob)).roles?.size ?? 0).toBe(0)
    expect(await listMembers(actor, organization)).toHaveLength(maxMembers)

    // The invitation is not used up.
    await write((tx) => tx.delete(members).where(eq(members.user_id, people[0]!.id)))
    await acceptLink(bob, link)
    expect((await renewed(bob)).roles?.get(organization.id)).toBe("viewer")
  })

  test("organizations of a person", async () => {
    const { actor: bob } = await anAccount()
    const some = await accounts(maxOrganizations, "organization")
    await write((tx) =>
      tx
        .insert(members)
        .values(
          some.map(({ id }) => ({ organization_id: id, user_id: bob.owner_id, role: "viewer" as const, joined_at })),
        ),
    )
    const full = { kind: "forbidden", detail: expect.stringContaining("100 organizations, the maximum") }
    const username = aName("org")
    await expect(createOrganization(bob, { username })).rejects.toMatchObject(full)
    const { organization, actor } = await anOrganization()
    const link = await inviteByLink(actor, organization, { role: "viewer" })
    await expect(acceptLink(bob, link)).rejects.toMatchObject(full)
    expect((await renewed(bob)).roles?.size).toBe(maxOrganizations)

    await write((tx) => tx.delete(members).where(eq(members.organization_id, some[0]!.id)))
    // Nor is the name.
    await createOrganization(bob, { username })
    await expect(acceptLink(bob, link)).rejects.toMatchObject(full)
  })
})

describe("an invitation", () => {
  test("by name waits for the person, who accepts or declines it", async () => {
    const { organization, actor } = await anOrganization()
    const { actor: bob } = await anAccount()
    await invite(actor, organization, { username: bob.username, role: "developer" })
    const [waiting] = await listOwnInvitations(bob)
    expect(waiting).toMatchObject({
      organization: organization.username,
      role: "developer",
      invited_by: actor.username,
      user: bob.username,
    })
    await expect(acceptInvitation((await anAccount()).actor, waiting!.id)).rejects.toMatchObject(missing)
    await declineInvitation(bob, waiting!.id)
    await expect(acceptInvitation(bob, waiting!.id)).rejects.toMatchObject(missing)

    await invite(actor, organization, { username: bob.username, role: "developer" })
    await acceptInvitation(bob, (await listOwnInvitations(bob))[0]!.id)
    expect((await renewed(bob)).roles?.get(organization.id)).toBe("developer")
    expect(await listInvitations(actor, organization)).toEqual([])
  })

  test("goes to a person who is there, once, and no member", async () => {
    const { organization, actor } = await anOrganization()
    const { actor: bob } = await anAccount()
    const to = (username: string) => invite(actor, organization, { username, role: "viewer" })
    await expect(to("nobody-of-that-name")).rejects.toMatchObject({
      fields: { username: expect.stringContaining("no user named") },
    })
    await expect(to(organization.username)).rejects.toMatchObject({
      fields: { username: expect.stringContaining("no user named") },
    })
    await expect(to(actor.username)).rejects.toMatchObject({
      fields: { username: expect.stringContaining("already a member") },
    })
    await to(bob.username)
    await expect(to(bob.username)).rejects.toMatchObject({
      fields: { username: expect.stringContaining("already invited") },
    })
  })

  test("by link works once, for whoever opens it first", async () => {
    const { organization, actor } = await anOrganization()
    const link = await inviteByLink(actor, organization, { role: "viewer" })
    await expect(acceptLink(actor, link)).rejects.toMatchObject({ kind: "conflict" })
    const [bob, eve] = await Promise.all([anAccount(), anAccount()])
    const outcomes = await Promise.allSettled([acceptLink(bob.actor, link), acceptLink(eve.actor, link)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
    await expect(getInvitationByLink(link)).rejects.toMatchObject(missing)
    await expect(getInvitationByLink("nonsense")).rejects.toMatchObject(missing)
  })

  test("can be taken back, and expires by itself", async () => {
    const { organization, actor } = await anOrganization()
    const link = await inviteByLink(actor, organization, { role: "viewer" })
    const [pending] = await listInvitations(actor, organization)
    await revokeInvitation(actor, organization, pending!.id)
    await expect(getInvitationByLink(link)).rejects.toMatchObject(missing)
    await expect(inviteByLink(actor, organization, { role: "viewer", days: 31 })).rejects.toThrow("at most 30 days")
  })

  test("an organization has only so many that wait", async () => {
    const { organization, actor } = await anOrganization()
    await inviteByLink(actor, organization, { role: "viewer" })
    const [first] = await listInvitations(actor, organization)
    const row = { organization_id: organization.id, role: "viewer", invited_by: actor.owner_id } as const
    const times = { created_at: first!.created_at, expires_at: first!.expires_at }
    await write((tx) =>
      tx
        .insert(invitations)
        .values(Array.from({ length: maxInvitations - 1 }, (_, n) => ({ ...row, ...times, hash: `${n}` }))),
    )
    const { actor: bob } = await anAccount()
    const full = { kind: "forbidden", detail: expect.stringContaining("1,000 pending invitations") }
    await expect(inviteByLink(actor, organization, { role: "viewer" })).rejects.toMatchObject(full)
    await expect(invite(actor, organization, { username: bob.username, role: "viewer" })).rejects.toMatchObject(full)
    expect(await listInvitations(actor, organization)).toHaveLength(maxInvitations)

    await revokeInvitation(actor, organization, first!.id)
    await invite(actor, organization, { username: bob.username, role: "viewer" })
  })

  test("a person is shown the newest, however many there are, and may answer each", async () => {
    const { organization, actor } = await anOrganization()
    const { actor: bob } = await anAccount()
    await invite(actor, organization, { username: bob.username, role: "viewer" })
    const [oldest] = await listOwnInvitations(bob)
    const { id: _, created_at, expires_at } = oldest!
    const row = { role: "viewer", invited_by: actor.owner_id, user_id: bob.owner_id, created_at, expires_at } as const
    // Nobody can be invited twice, so 150 organizations stand in for it.
    await write((tx) =>
      tx.insert(invitations).values(Array.from({ length: 150 }, () => ({ ...row, organization_id: organization.id }))),
    )
    const shown = await listOwnInvitations(bob)
    expect(shown).toHaveLength(shownInvitations)
    expect(shown[0]!.id).toBeGreaterThan(shown.at(-1)!.id)
    expect(shown.some(({ id }) => id === oldest!.id)).toBe(false)
    expect(await countInvitations(bob.owner_id)).toBe(shownInvitations)
    await acceptInvitation(bob, oldest!.id)
    expect((await renewed(bob)).roles?.get(organization.id)).toBe("viewer")
  })

  test("is worth nothing once its maker may not make it any more", async () => {
    const { organization, actor } = await anOrganization()
    const ending = {
      "another role": (user_id: number) => changeRow(user_id, "developer"),
      "no role": (user_id: number) => changeRow(user_id, null),
      "no account": (user_id: number) =>
        write((tx) => tx.update(owners).set({ disabled_at: now() }).where(eq(owners.id, user_id))),
    }
    for (const [what, end] of Object.entries(ending)) {
      const maker = await aMember(actor, organization, "admin")
      const link = await inviteByLink(maker, organization, { role: "viewer" })
      const { actor: guest } = await anAccount()
      // Simulates an invitation written while its maker loses the right: nothing else ends it.
      await end(maker.owner_id)
      await expect(acceptLink(guest, link), what).rejects.toMatchObject(missing)
    }
    const admin = await aMember(actor, organization, "owner")
    const link = await inviteByLink(admin, organization, { role: "owner" })
    await changeRow(admin.owner_id, "admin")
    await expect(acceptLink((await anAccount()).actor, link)).rejects.toMatchObject(missing)

    async function changeRow(user_id: number, role: Role | null) {
      const member = and(eq(members.organization_id, organization.id), eq(members.user_id, user_id))
      await write(async (tx) => {
        if (role) await tx.update(members).set({ role }).where(member)
        else await tx.delete(members).where(member)
      })
    }
  })

  test("is sent by owners and admins; into ownership by owners only", async () => {
    const { organization, admin, developer } = await aTeam()
    await expect(inviteByLink(developer, organization, { role: "viewer" })).rejects.toMatchObject(forbidden)
    await expect(inviteByLink(admin, organization, { role: "owner" })).rejects.toMatchObject(forbidden)
    for (const role of roles.slice(1)) expect(await inviteByLink(admin, organization, { role })).toMatch(/^[\w-]{32}$/)
  })
})

describe("the audit log", () => {
  test("tells who did what from where, newest first, in the transaction of the change", async () => {
    const { organization, owner, admin, viewer } = await aTeam()
    const from = { ...admin, address: "192.0.2.7" }
    const { name } = await aModel(from, { owner: organization.username })
    await issueToken(from, { name: "ci" }, organization)
    await removeMember(from, organization, viewer.username)
    const { rows } = await listEvents(owner, organization)
    expect(rows.slice(0, 3)).toMatchObject([
      {
        action: "member.removed",
        actor: admin.username,
        subject: viewer.username,
        details: { role: "viewer" },
        via: "web",
        address: "192.0.2.7",
      },
      { action: "token.issued", actor: admin.username, subject: "ci" },
      {
        action: "model.created",
        actor: admin.username,
        subject: name,
        details: { visibility: "public", hardware: "cpu" },
      },
    ])
    expect(rows.at(-1)).toMatchObject({ action: "account.opened", subject: organization.username })
  })

  test("says which token did it", async () => {
    const { organization, actor } = await anOrganization()
    const { secret } = await issueToken(actor, { name: "ci" }, organization)
    const speaker = (await authenticateToken(secret, "api", "192.0.2.9"))!
    await createModel(speaker, modelInput(speaker))
    expect((await listEvents(actor, organization)).rows[0]).toMatchObject({
      action: "model.created",
      actor: organization.username,
      token: "ci",
      via: "api",
      address: "192.0.2.9",
    })
  })

  test("holds nothing of what was refused", async () => {
    const { organization, owner, admin } = await aTeam()
    const before = (await listEvents(owner, organization)).rows.length
    await expect(aModel(owner, { owner: organization.username, hardware: "nothing" })).rejects.toThrow()
    await expect(leaveOrganization(owner, organization)).rejects.toThrow()
    await expect(removeMember(admin, organization, owner.username)).rejects.toThrow()
    expect((await listEvents(owner, organization)).rows).toHaveLength(before)
  })

  test("is narrowed by topic, person and source, and paged without gaps", async () => {
    const { organization, owner, admin } = await aTeam()
    for (let n = 0; n < 4; n++) await aModel(admin, { owner: organization.username })
    const ofModels = (await listEvents(owner, organization, { topic: "models" })).rows
    expect(ofModels.map(({ action }) => action)).toEqual(Array(4).fill("model.created"))
    expect((await listEvents(owner, organization, { topic: "models", actor: owner.username })).rows).toEqual([])
    expect((await listEvents(owner, organization, { via: "api" })).rows).toEqual([])
    const first = await listEvents(owner, organization, { topic: "models" }, undefined, 3)
    const second = await listEvents(owner, organization, { topic: "models" }, first.next!, 3)
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(ofModels.map(({ id }) => id))
    expect(second.next).toBeNull()
    expect(
      (await listEvents(owner, organization, { topic: "models" }, second.previous!, 3)).rows.map(({ id }) => id),
    ).toEqual(first.rows.map(({ id }) => id))
    await expect(listEvents(owner, organization, { topic: "gossip" as never })).rejects.toThrow()
    await expect(listEvents(owner, organization, {}, "nonsense")).rejects.toMatchObject({ kind: "invalid" })
  })

  test("is for owners and admins, and never for others", async () => {
    const { organization, developer } = await aTeam()
    await expect(listEvents(developer, organization)).rejects.toMatchObject(forbidden)
    await expect(listEvents((await anAccount()).actor, organization)).rejects.toMatchObject(missing)
  })

  test("never holds a secret", async () => {
    const { organization, actor } = await anOrganization()
    const { secret } = await issueToken(actor, { name: "ci" }, organization)
    const link = await inviteByLink(actor, organization, { role: "viewer" })
    const text = JSON.stringify((await listEvents(actor, organization)).rows)
    expect(text).not.toContain(secret.slice(3, 34))
    expect(text).not.toContain(link)
  })
})
