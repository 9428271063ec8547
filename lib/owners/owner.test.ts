import { hash } from "@node-rs/argon2"
import { afterEach, describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import { ownersToCreateFor } from "@/lib/organizations/organization"
import { disableAccountRow } from "@/lib/test/accounts"
import { aName } from "@/lib/test/factories"
import {
  actorFor,
  addUser,
  findAccount,
  getAccount,
  listUsers,
  accountForGithub,
  signUp,
  type GithubProfile,
} from "./owner"
import { passwordMatches } from "./password"

// lib/test/setup.ts makes hashing cheap; here it costs what it does.
vi.unmock("@node-rs/argon2")

const here = { address: "192.0.2.1" }
const password = "correct horse battery"
const asConfigured = { ...env }

afterEach(() => {
  Object.assign(env, asConfigured)
})

// Must be the first test, while there are no accounts.
test("of 20 people who sign up at the same moment, the first account exactly is the administrator", async () => {
  const names = Array.from({ length: 20 }, () => aName("founder"))
  await Promise.all(names.map((username) => signUp({ username, password }, here)))

  const users = await listUsers()
  expect(users).toHaveLength(20)
  const administrators = users.filter((user) => user.is_admin)
  expect(administrators).toHaveLength(1)
  expect(administrators[0]!.id).toBe(Math.min(...users.map((user) => user.id)))
})

describe("signing up", () => {
  test("opens an account under the name, without models", async () => {
    const username = aName()
    const owner = await signUp({ username: ` ${username} `, password }, here)
    expect(owner).toMatchObject({
      type: "user",
      username,
      name: username,
      model_count: 0,
      is_admin: false,
      github_id: null,
      disabled_at: null,
    })
    expect(await getAccount(username)).toEqual(owner)
  })

  test("of 20 people who want one name, one gets it", async () => {
    const username = aName()
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => signUp({ username, password }, here)))
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === "rejected")
        expect(outcome.reason).toMatchObject({
          kind: "conflict",
          fields: { username: "This username is taken. Choose another." },
        })
  })

  test("a name is never given out a second time, not even when its account is closed", async () => {
    const { username } = await addUser({ username: aName() })
    await disableAccountRow(username)

    await expect(signUp({ username, password }, here)).rejects.toMatchObject({ kind: "conflict" })
    await expect(addUser({ username })).rejects.toMatchObject({ kind: "conflict" })
    expect(await findAccount(username)).toBeUndefined()
    expect((await listUsers()).map((user) => user.username)).not.toContain(username)
  })

  test("needs a proper name and password", async () => {
    await expect(signUp({ username: "Alice", password }, here)).rejects.toThrow("Use only lowercase letters")
    await expect(signUp({ username: "create", password }, here)).rejects.toThrow("This name is reserved")
    await expect(signUp({ username: aName(), password: "short" }, here)).rejects.toThrow("at least 8 characters")
    await expect(signUp({ username: aName(), password: "trustno1" }, here)).rejects.toMatchObject({
      kind: "invalid",
      fields: { password: expect.stringContaining("common password") },
    })
    await expect(addUser({ username: aName(), password: "trustno1" })).rejects.toMatchObject({ kind: "invalid" })
  })

  test("is refused while it is closed, but an operator can still open an account", async () => {
    env.SIGNUP = "closed"
    await expect(signUp({ username: aName(), password }, here)).rejects.toMatchObject({ kind: "forbidden" })
    await expect(addUser({ username: aName(), password })).resolves.toMatchObject({ type: "user" })
  })

  test("too many from one address have to wait; another address does not", async () => {
    env.SIGNUPS_PER_HOUR = 2
    const flood = { address: aName("address") }
    for (let n = 0; n < 2; n++) await signUp({ username: aName(), password }, flood)

    await expect(signUp({ username: aName(), password }, flood)).rejects.toMatchObject({
      kind: "throttled",
      retryAfter: expect.closeTo(3600, -1),
    })
    await expect(signUp({ username: aName(), password }, { address: aName("address") })).resolves.toBeDefined()
  })
})

describe("a password", () => {
  test("is kept as argon2id at the cost that OWASP recommends, with a salt of its own", async () => {
    const one = await addUser({ username: aName(), password })
    const other = await addUser({ username: aName(), password })
    expect(one.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43}$/)
    expect(one.password_hash).not.toBe(other.password_hash)
  })

  test("is compared exactly", async () => {
    const { password_hash } = await addUser({ username: aName(), password })
    expect(await passwordMatches(password, password_hash)).toBe(true)
    for (const wrong of [`${password} `, password.toUpperCase(), "", password.slice(0, -1)])
      expect(await passwordMatches(wrong, password_hash)).toBe(false)
  })

  test("is the same in every form of Unicode, whichever it was chosen in", async () => {
    const forms = (["NFC", "NFD", "NFKC", "NFKD"] as const).map((form) => "Pässwörter für ﬁxe ½".normalize(form))
    expect(new Set(forms).size).toBeGreaterThan(2)
    for (const chosen of forms) {
      const { password_hash } = await addUser({ username: aName(), password: chosen })
      for (const typed of forms) expect(await passwordMatches(typed, password_hash)).toBe(true)
      expect(await passwordMatches("Passworter fur fixe 1/2", password_hash)).toBe(false)
    }
  })

  test("that was kept before it was normalized fits as it was typed then", async () => {
    const typed = "pa\u0308sswort"
    expect(await passwordMatches(typed, await hash(typed))).toBe(true)
    expect(await passwordMatches(`${typed}!`, await hash(typed))).toBe(false)
  })

  test("never fits an account that has none", async () => {
    const { password_hash } = await addUser({ username: aName() })
    expect(password_hash).toBeNull()
    for (const guess of ["", "null", "nobody's password"]) {
      expect(await passwordMatches(guess, null)).toBe(false)
      expect(await passwordMatches(guess, undefined)).toBe(false)
    }
  })
})

describe("signing in with GitHub", () => {
  const profile = (fields: Partial<GithubProfile> = {}): GithubProfile => ({
    id: aName("id"),
    login: "Mona-Lisa",
    name: "Mona Lisa",
    avatar_url: "https://avatars.example/1",
    html_url: "https://github.com/Mona-Lisa",
    ...fields,
  })

  test("opens an account under the GitHub name, without a password", async () => {
    const login = `Octo-${aName()}`
    expect(await accountForGithub(profile({ login }))).toMatchObject({
      username: login.toLowerCase(),
      name: "Mona Lisa",
      password_hash: null,
      github_url: "https://github.com/Mona-Lisa",
      avatar_url: "https://avatars.example/1",
    })
  })

  test("finds the same account the second time, whatever the GitHub name has become", async () => {
    const first = profile({ login: aName() })
    const owner = await accountForGithub(first)
    expect((await accountForGithub({ ...first, login: aName("renamed") })).id).toBe(owner.id)
    env.SIGNUP = "closed"
    expect((await accountForGithub(first)).id).toBe(owner.id)
  })

  test("gives a free neighbour of a name that is taken or reserved", async () => {
    const { username } = await addUser({ username: aName() })
    expect((await accountForGithub(profile({ login: username }))).username).toBe(`${username}-2`)
    expect((await accountForGithub(profile({ login: username }))).username).toBe(`${username}-3`)
    expect((await accountForGithub(profile({ login: "Create" }))).username).toBe("create-2")
  })

  test("gives each of several people with one name an account of their own, at the same moment too", async () => {
    const login = aName()
    const owners = await Promise.all(Array.from({ length: 5 }, () => accountForGithub(profile({ login }))))
    expect(new Set(owners.map((owner) => owner.username)).size).toBe(5)
  })

  test("from two browsers at the same moment opens one account", async () => {
    const person = profile({ login: aName() })
    const owners = await Promise.all(Array.from({ length: 5 }, () => accountForGithub(person)))
    expect(new Set(owners.map((owner) => owner.id)).size).toBe(1)
  })

  test.each(["x".repeat(39), `${"x".repeat(33)}-yyyyy`, "a", "octo_cat", "octo_cat_acme", "-odd-", "_"])(
    "finds a proper username for the name %s",
    async (login) => {
      const { username } = await accountForGithub(profile({ login }))
      expect(username).toMatch(/^[a-z0-9][a-z0-9-]{0,37}[a-z0-9]$/)
    },
  )

  test("opens nothing while sign-up is closed", async () => {
    env.SIGNUP = "closed"
    await expect(accountForGithub(profile({ login: aName() }))).rejects.toMatchObject({ kind: "forbidden" })
  })

  test("does not come back into an account that was closed", async () => {
    const person = profile({ login: aName() })
    const { username } = await accountForGithub(person)
    await disableAccountRow(username)
    await expect(accountForGithub(person)).rejects.toMatchObject({ kind: "forbidden" })
  })
})

test("an account that does not exist is missing", async () => {
  expect(await findAccount("nobody-here")).toBeUndefined()
  await expect(getAccount("nobody-here")).rejects.toMatchObject({ kind: "missing" })
})

test("an actor stands for its account and may create for it", async () => {
  const owner = await addUser({ username: aName() })
  const actor = actorFor(owner, "cli")
  expect(actor).toEqual({
    owner_id: owner.id,
    username: owner.username,
    is_admin: false,
    via: "cli",
    scopes: ["read", "write", "push"],
  })
  expect((await ownersToCreateFor(actor)).map(({ username }) => username)).toEqual([owner.username])
})
