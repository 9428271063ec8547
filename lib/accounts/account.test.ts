import { beforeAll, describe, expect, test } from "vitest"

import { listEvents } from "@/lib/events/list"
import { deleteModel } from "@/lib/models/model"
import { createOrganization, listMembers } from "@/lib/organizations/organization"
import { findSessionAccount, endOtherSessions, endSessionOf, listSessions, openSession } from "@/lib/sessions/session"
import { exported, signedIn } from "@/lib/test/accounts"
import { aMember, aModel, anOrganization, anAccount, aName, aToken, renewed } from "@/lib/test/factories"
import { authenticateToken, issueToken } from "@/lib/tokens/token"
import { actorFor, addUser, findAccount, getAccount, accountForGithub } from "@/lib/owners/owner"
import { changePassword } from "./password"
import { deleteAccount, listBlockers } from "@/lib/accounts/close"
import { updateEmail, updateProfile } from "@/lib/owners/profile"

const visitor = { address: "192.0.2.1", user_agent: "Firefox" }
const password = "correct horse battery"

async function aPerson() {
  const owner = await addUser({ username: aName("user"), password })
  const actor = actorFor(owner, "web")
  const secret = await signedIn({ username: owner.username, password }, visitor)
  return { owner, actor, secret }
}

/** The first account administers the installation and cannot be deleted, so the tests use later ones. */
beforeAll(async () => void (await anAccount()))

describe("a profile", () => {
  test("is changed by its person, and what changed is written down without the words themselves", async () => {
    const { owner, actor } = await aPerson()
    await updateProfile(actor, owner, {
      name: "Alice",
      description: " Hot dogs ",
      github_url: "https://github.com/alice",
    })
    expect(await getAccount(owner.username)).toMatchObject({
      name: "Alice",
      description: "Hot dogs",
      github_url: "https://github.com/alice",
      avatar_url: null,
    })
    expect((await listEvents(actor, owner)).rows[0]).toMatchObject({
      action: "account.updated",
      details: { name: "changed", description: "changed", github_url: "changed" },
    })
    await expect(updateProfile(actor, owner, { name: "", avatar_url: "javascript:alert(1)" })).rejects.toThrow()
  })

  test("of an organization is changed by owners and admins", async () => {
    const { organization, actor } = await anOrganization()
    const [admin, developer] = [
      await aMember(actor, organization, "admin"),
      await aMember(actor, organization, "developer"),
    ]
    await updateProfile(admin, organization, { name: "Acme" })
    expect((await getAccount(organization.username)).name).toBe("Acme")
    await expect(updateProfile(developer, organization, { name: "Mine" })).rejects.toMatchObject({ kind: "forbidden" })
  })

  test("the e-mail address is optional and private to its person", async () => {
    const { owner, actor } = await aPerson()
    await updateEmail(actor, { email: "alice@example.com", password })
    expect((await getAccount(owner.username)).email).toBe("alice@example.com")
    expect(JSON.stringify((await listEvents(actor, owner)).rows)).not.toContain("alice@example.com")
    await updateEmail(actor, { email: "", password })
    expect((await getAccount(owner.username)).email).toBeNull()
    await expect(updateEmail(actor, { email: "nonsense", password })).rejects.toThrow()
  })
})

describe("a password", () => {
  test("is changed with the current one, which ends every other session and no token", async () => {
    const { owner, actor, secret } = await aPerson()
    const other = await signedIn({ username: owner.username, password }, visitor)
    const token = await aToken(actor)
    await expect(
      changePassword(actor, { current: "wrong", password: "another password" }, secret),
    ).rejects.toMatchObject({ fields: { current: expect.any(String) } })
    await changePassword(actor, { current: password, password: "another password" }, secret)
    expect(await findSessionAccount(secret)).toBeDefined()
    expect(await findSessionAccount(other)).toBeUndefined()
    expect(await authenticateToken(token, "api")).toBeDefined()
    await expect(signedIn({ username: owner.username, password }, visitor)).rejects.toMatchObject({
      kind: "unauthenticated",
    })
    await signedIn({ username: owner.username, password: "another password" }, visitor)
  })

  test("that is guessed first replaces none", async () => {
    const { owner, actor, secret } = await aPerson()
    await expect(changePassword(actor, { current: password, password: "1q2w3e4r5t" }, secret)).rejects.toMatchObject({
      fields: { password: expect.stringContaining("common password") },
    })
    await signedIn({ username: owner.username, password }, visitor)
  })

  test("can be guessed ten times in a quarter of an hour", async () => {
    const { actor, secret } = await aPerson()
    const guess = () => changePassword(actor, { current: "wrong", password: "another password" }, secret)
    for (let n = 0; n < 10; n++) await expect(guess()).rejects.toMatchObject({ kind: "invalid" })
    await expect(guess()).rejects.toMatchObject({ kind: "throttled" })
  })
})

describe("sessions", () => {
  test("are listed with where they are, and ended one by one or all but this one", async () => {
    const { owner, actor, secret } = await aPerson()
    const [second, third] = [
      await openSession(owner, visitor),
      await openSession(owner, { address: "192.0.2.9", user_agent: null }),
    ]
    const listed = await listSessions(actor, secret)
    expect(listed).toHaveLength(3)
    expect(listed.find(({ current }) => current)).toMatchObject({ address: "192.0.2.1", user_agent: "Firefox" })
    await endSessionOf(actor, listed.find(({ address }) => address === "192.0.2.9")!.handle, password)
    expect(await findSessionAccount(third)).toBeUndefined()
    expect(await findSessionAccount(second)).toBeDefined()
    await endOtherSessions(actor, secret, password)
    expect((await listSessions(actor, secret)).map(({ current }) => current)).toEqual([true])
  })

  test("and the e-mail address ask for the password, which a browser that was left open does not know", async () => {
    const { owner, actor, secret } = await aPerson()
    const other = await openSession(owner, visitor)
    const [handle] = (await listSessions(actor, secret))
      .filter(({ current }) => !current)
      .map((session) => session.handle)
    for (const attempt of [
      () => endSessionOf(actor, handle!, "wrong"),
      () => endOtherSessions(actor, secret, ""),
      () => updateEmail(actor, { email: "alice@example.com", password: "wrong" }),
    ])
      await expect(attempt()).rejects.toMatchObject({
        kind: "invalid",
        fields: { password: "The password is wrong." },
      })
    expect(await findSessionAccount(other)).toBeDefined()
    expect((await getAccount(owner.username)).email).toBeNull()
  })

  test("and the e-mail address are changed without one where the account has none", async () => {
    const { actor, owner } = await anAccount()
    const [here, other] = [await openSession(owner, visitor), await openSession(owner, visitor)]
    await updateEmail(actor, { email: "alice@example.com", password: "" })
    await endOtherSessions(actor, here, "")
    expect(await findSessionAccount(here)).toBeDefined()
    expect(await findSessionAccount(other)).toBeUndefined()
  })

  test("of others are not there", async () => {
    const [alice, bob] = [await aPerson(), await aPerson()]
    const [session] = await listSessions(alice.actor, null)
    await expect(endSessionOf(bob.actor, session!.handle, password)).rejects.toMatchObject({ kind: "missing" })
    await expect(endSessionOf(bob.actor, "%", password)).rejects.toMatchObject({ kind: "missing" })
    expect(await findSessionAccount(alice.secret)).toBeDefined()
  })
})

test("the export holds everything that is kept, and no secret", async () => {
  const { owner, actor, secret } = await aPerson()
  const token = await aToken(actor)
  await aModel(actor, { name: "hidden", visibility: "private" })
  await createOrganization(actor, { username: aName("org") })
  const data = await exported(await renewed(actor), "http://x")
  expect(data).toMatchObject({
    account: { username: owner.username },
    models: [{ name: "hidden", hardware: "cpu" }],
    tokens: [{ name: "test" }],
    organizations: [{ role: "owner" }],
  })
  expect((data.events as { action: string }[])[0]!.action).toBe("account.exported")
  expect((data.events as unknown[]).length).toBeGreaterThan(2)
  for (const kept of [token, secret, (await getAccount(owner.username)).password_hash!])
    expect(JSON.stringify(data)).not.toContain(kept)
})

describe("deleting an account", () => {
  const confirmed = (username: string) => ({ confirmation: username, password })

  test("takes the name and the password, and ends everything; nobody gets the name again", async () => {
    const { owner, actor, secret } = await aPerson()
    const token = await aToken(actor)
    await expect(deleteAccount(actor, owner, { confirmation: "x", password })).rejects.toMatchObject({
      fields: { confirmation: expect.any(String) },
    })
    await expect(
      deleteAccount(actor, owner, { confirmation: owner.username, password: "wrong" }),
    ).rejects.toMatchObject({ fields: { password: expect.any(String) } })
    await deleteAccount(actor, owner, confirmed(owner.username))
    expect(await findAccount(owner.username)).toBeUndefined()
    expect(await findSessionAccount(secret)).toBeUndefined()
    expect(await authenticateToken(token, "api")).toBeUndefined()
    await expect(addUser({ username: owner.username })).rejects.toMatchObject({ kind: "conflict" })
    await expect(createOrganization((await aPerson()).actor, { username: owner.username })).rejects.toMatchObject({
      kind: "conflict",
    })
  })

  test("says what is in the way: models, and organizations nobody else owns", async () => {
    const { owner, actor } = await aPerson()
    const { name } = await aModel(actor, { visibility: "private" })
    const organization = await createOrganization(actor, { username: aName("org") })
    const now = await renewed(actor)
    expect(await listBlockers(now, owner)).toEqual([
      expect.stringContaining("1 model"),
      expect.stringContaining(`${organization.username} has no other owner`),
    ])
    await expect(deleteAccount(now, owner, confirmed(owner.username))).rejects.toMatchObject({
      kind: "invalid",
      detail: expect.stringContaining("1 model"),
    })
    await deleteModel(now, owner.username, name)
    await deleteAccount(now, organization, confirmed(organization.username))
    expect(await listBlockers(now, owner)).toEqual([])
    await deleteAccount(now, owner, confirmed(owner.username))
  })

  test("leaves the organizations of others to them, without the tokens that were made there", async () => {
    const { organization, actor } = await anOrganization()
    const admin = await aMember(actor, organization, "admin")
    const { secret } = await issueToken(admin, { name: "ci" }, organization)
    await deleteAccount(admin, await getAccount(admin.username), { confirmation: admin.username, password: "" })
    expect((await listMembers(actor, organization)).map(({ username }) => username)).toEqual([actor.username])
    expect(await authenticateToken(secret, "api")).toBeUndefined()
  })

  test("of an organization is for its owners", async () => {
    const { organization, actor } = await anOrganization()
    const admin = await aMember(actor, organization, "admin")
    await expect(
      deleteAccount(admin, organization, { confirmation: organization.username, password: "" }),
    ).rejects.toMatchObject({ kind: "forbidden" })
    await deleteAccount(actor, organization, { confirmation: organization.username, password: "" })
    expect((await renewed(admin)).roles?.size).toBe(0)
  })

  test("sets the GitHub identity free, which opens an account of another name", async () => {
    const profile = { id: aName(), login: aName("octo") }
    const owner = await accountForGithub(profile)
    await deleteAccount(actorFor(owner, "web"), owner, { confirmation: owner.username, password: "" })
    expect((await accountForGithub(profile)).username).toBe(`${owner.username}-2`)
  })
})
