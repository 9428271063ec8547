import { eq } from "drizzle-orm"
import { beforeAll, expect, test } from "vitest"

import { write, type Db } from "@/db"
import { owners, sessions, tokens } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { changeAdministrator, disableAccount } from "@/lib/accounts/administration"
import { actorFor, addUser, getAccount } from "@/lib/owners/owner"
import { changeRole, removeMember } from "@/lib/accounts/members"
import { endSession, idOf, openSession } from "@/lib/sessions/session"
import { aMember, anOrganization, anAccount, aToken } from "@/lib/test/factories"
import { authenticateToken, listTokens, revokeToken } from "@/lib/tokens/token"
import { writeAs, type Right } from "./write-as"

let boss: Actor
beforeAll(async () => void (boss = actorFor(await addUser({ username: "boss" }), "web")))

const own = (actor: Actor): Right => ({
  account: { id: actor.owner_id, username: actor.username },
  ability: "edit",
})
const attempt = (actor: Actor, right = own(actor)) => writeAs(actor, right, async () => "written")

async function aSpeaker(actor: Actor) {
  const speaker = (await authenticateToken(await aToken(actor), "api"))!
  const [token] = await listTokens(actor)
  return { speaker, token: token! }
}

test("what may be written is written, by an actor as it stands then", async () => {
  const { actor } = await anAccount()
  expect(await writeAs(actor, own(actor), async (_tx, current) => current)).toEqual(actor)
  const { speaker } = await aSpeaker(actor)
  expect(await writeAs(speaker, own(actor), async (_tx, current) => current)).toEqual(speaker)
})

test("a token that was revoked or has expired meanwhile writes nothing", async () => {
  const { actor } = await anAccount()
  const { speaker, token } = await aSpeaker(actor)
  expect(await attempt(speaker)).toBe("written")
  await revokeToken(actor, token.id)
  await expect(attempt(speaker)).rejects.toMatchObject({ kind: "unauthenticated" })

  const other = await aSpeaker(actor)
  await change((tx) =>
    tx
      .update(tokens)
      .set({ expires_at: fromNow(-1) })
      .where(eq(tokens.id, other.token.id)),
  )
  await expect(attempt(other.speaker)).rejects.toMatchObject({ kind: "unauthenticated" })
})

test("a session that ended or expired meanwhile writes nothing", async () => {
  const { actor, owner } = await anAccount()
  const visitor = { address: null, user_agent: null }
  const [one, another] = [await openSession(owner, visitor), await openSession(owner, visitor)]
  const [here, there] = [one, another].map((secret) => ({ ...actor, session_id: idOf(secret) }))
  expect(await attempt(here!)).toBe("written")
  await endSession(one)
  await expect(attempt(here!)).rejects.toMatchObject({ kind: "unauthenticated" })
  await change((tx) =>
    tx
      .update(sessions)
      .set({ expires_at: fromNow(-1) })
      .where(eq(sessions.id, idOf(another))),
  )
  await expect(attempt(there!)).rejects.toMatchObject({ kind: "unauthenticated" })
})

test("a disabled account writes nothing, by whatever means", async () => {
  const { actor } = await anAccount()
  const { speaker } = await aSpeaker(actor)
  await disableAccount(boss, actor.username)
  for (const one of [actor, speaker]) await expect(attempt(one)).rejects.toMatchObject({ kind: "unauthenticated" })
})

test("who was removed finds nothing there, and who was demoted is told what their role is not for", async () => {
  const { organization, actor } = await anOrganization()
  const [leaver, viewer] = [
    await aMember(actor, organization, "developer"),
    await aMember(actor, organization, "developer"),
  ]
  const right: Right = { account: organization, ability: "edit" }
  for (const member of [leaver, viewer]) expect(await attempt(member, right)).toBe("written")
  await removeMember(actor, organization, leaver.username)
  await changeRole(actor, organization, viewer.username, "viewer")
  await expect(attempt(leaver, right)).rejects.toMatchObject({ kind: "missing" })
  await expect(attempt(viewer, right)).rejects.toMatchObject({ kind: "forbidden" })
})

test("nobody writes for an account that was disabled or is not theirs", async () => {
  const { organization, actor } = await anOrganization()
  const { owner: stranger } = await anAccount()
  await expect(attempt(actor, { account: stranger, ability: "see" })).rejects.toMatchObject({ kind: "missing" })
  await change((tx) =>
    tx
      .update(owners)
      .set({ disabled_at: fromNow(0) })
      .where(eq(owners.id, organization.id)),
  )
  await expect(attempt(actor, { account: organization, ability: "see" })).rejects.toMatchObject({ kind: "missing" })
})

test("a token needs the scope, and an administrator has to be one still", async () => {
  const { actor } = await anAccount()
  const reader = (await authenticateToken(await aToken(actor, { scopes: ["read"] }), "api"))!
  await expect(attempt(reader)).rejects.toMatchObject({ kind: "forbidden" })
  expect(await attempt(reader, { scope: "read" })).toBe("written")

  await changeAdministrator(boss, actor.username, true)
  const admin = actorFor(await getAccount(actor.username), "web")
  expect(await attempt(admin, { administrator: true })).toBe("written")
  await changeAdministrator(boss, actor.username, false)
  await expect(attempt(admin, { administrator: true })).rejects.toMatchObject({ kind: "missing" })
})

test("no write is done after the answer that took the right away", async () => {
  const { actor } = await anAccount()
  for (let round = 0; round < 20; round++) {
    const { speaker, token } = await aSpeaker(actor)
    const writing = Array.from({ length: 5 }, () =>
      writeAs(speaker, own(actor), async (tx) => {
        await tx.update(owners).set({ name: "written" }).where(eq(owners.id, actor.owner_id))
      }).catch((error) => expect(error).toMatchObject({ kind: "unauthenticated" })),
    )
    await revokeToken(actor, token.id)
    await change((tx) => tx.update(owners).set({ name: "after" }).where(eq(owners.id, actor.owner_id)))
    await Promise.all(writing)
    expect(await getAccount(actor.username)).toMatchObject({ name: "after" })
  }
})

const change = (run: (tx: Db) => PromiseLike<unknown>) => write(async (tx) => void (await run(tx)))
