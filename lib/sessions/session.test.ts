import { eq } from "drizzle-orm"
import { randomBytes } from "node:crypto"
import { afterEach, describe, expect, test, vi } from "vitest"

import { read } from "@/db"
import { sessions } from "@/db/schema"
import { changePassword } from "@/lib/accounts/password"
import { actorFor, addUser, type Account } from "@/lib/owners/owner"
import { disableAccountRow, signedIn } from "@/lib/test/accounts"
import { aName } from "@/lib/test/factories"
import { endSession, findSessionAccount, openSession, sessionSeconds } from "./session"

const password = "correct horse battery"
const from = (address: string) => ({ address, user_agent: "Test/1.0" })
const somewhere = () => from(aName("address"))

let alice: Account
let bob: Account

const twoAccounts = async () => {
  alice ??= await addUser({ username: aName("alice"), password })
  bob ??= await addUser({ username: aName("bob"), password })
}

const wrong = (username: string, visitor = somewhere()) => signedIn({ username, password: "a wrong guess" }, visitor)
const right = (username: string, visitor = somewhere()) => signedIn({ username, password }, visitor)

afterEach(() => {
  vi.useRealTimers()
})

describe("signing in", () => {
  test("opens a session that is the account's", async () => {
    await twoAccounts()
    const secret = await right(alice.username)
    expect((await findSessionAccount(secret))?.username).toBe(alice.username)
  })

  test("takes the name in any case, with spaces around it", async () => {
    await twoAccounts()
    expect((await findSessionAccount(await right(` ${alice.username.toUpperCase()} `)))?.username).toBe(alice.username)
  })

  test("does not tell a wrong password from a name that nobody has, that has no password, or that was closed", async () => {
    await twoAccounts()
    const closed = await addUser({ username: aName("closed"), password })
    await disableAccountRow(closed.username)
    const without = await addUser({ username: aName("without") })

    const refusals = await Promise.all(
      [wrong(alice.username), right("nobody-here"), right(without.username), right(closed.username)].map((attempt) =>
        attempt.catch((error) => error),
      ),
    )
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        kind: "unauthenticated",
        detail: "The username or password is wrong.",
        fields: {},
      })
  })

  test("needs a name and a password", async () => {
    await expect(signedIn({ username: "", password: "" }, somewhere())).rejects.toMatchObject({
      issues: [{ message: "Enter your username." }, { message: "Enter your password." }],
    })
  })
})

describe("guessing", () => {
  const tries = async (count: number, attempt: () => Promise<unknown>) => {
    for (let n = 0; n < count; n++) await attempt().catch(() => {})
  }

  test("at one account from one address stops after 10 tries, even with the right password, and says for how long", async () => {
    const { username } = await addUser({ username: aName(), password })
    const guesser = somewhere()
    await tries(10, () => wrong(username, guesser))

    await expect(right(username, guesser)).rejects.toMatchObject({
      kind: "throttled",
      detail: "Too many attempts to sign in to this account. Try again in 15 minutes.",
      retryAfter: expect.closeTo(900, -2),
    })
    await expect(right(username)).resolves.toBeDefined()
  })

  test("at a name that nobody has stops just the same", async () => {
    const guesser = somewhere()
    await tries(10, () => wrong("nobody-at-all", guesser))
    await expect(wrong("nobody-at-all", guesser)).rejects.toMatchObject({ kind: "throttled" })
  })

  test("at many accounts from one address stops after 60 tries", async () => {
    const guesser = somewhere()
    await Promise.all(Array.from({ length: 60 }, () => wrong(aName("guess"), guesser).catch(() => {})))
    await expect(wrong(aName("guess"), guesser)).rejects.toMatchObject({
      kind: "throttled",
      detail: expect.stringContaining("from your address"),
    })
  })

  test("from many addresses of one IPv6 network is guessing from one address", async () => {
    const network = `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}`
    const guesses = Array.from({ length: 60 }, (_, n) =>
      wrong(aName("guess"), { address: `${network}::${n.toString(16)}`, user_agent: "test" }).catch(() => {}),
    )
    await Promise.all(guesses)
    await expect(wrong(aName("guess"), { address: `${network}:1:2:3:4`, user_agent: "test" })).rejects.toMatchObject({
      kind: "throttled",
    })
  })

  test("at one account from many addresses stops after 100 tries", async () => {
    const name = aName("guess")
    await Promise.all(Array.from({ length: 100 }, () => wrong(name).catch(() => {})))
    await expect(wrong(name)).rejects.toMatchObject({
      kind: "throttled",
      detail: expect.stringContaining("to this account"),
    })
  })

  test("is forgotten after 15 minutes", async () => {
    const { username } = await addUser({ username: aName(), password })
    const guesser = somewhere()
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 15 * 60_000 - 1000 })
    await tries(11, () => wrong(username, guesser))
    vi.useRealTimers()
    await expect(right(username, guesser)).resolves.toBeDefined()
  })

  test("is not what people do who sign in often", async () => {
    const { username } = await addUser({ username: aName(), password })
    const home = somewhere()
    for (let n = 0; n < 12; n++) await right(username, home)
    await tries(9, () => wrong(username, home))
    await expect(right(username, home)).resolves.toBeDefined()
  })
})

describe("a session", () => {
  test("of an account beyond a hundred ends the one that was used longest ago, and nobody else's", async () => {
    await twoAccounts()
    const account = await addUser({ username: aName("many") })
    const others = await openSession(alice, somewhere())
    const secrets = []
    for (let n = 0; n < 102; n++) secrets.push(await openSession(account, somewhere()))
    const open = await Promise.all(secrets.map(findSessionAccount))
    expect(open.map((one) => one?.id ?? null)).toEqual(secrets.map((_, n) => (n < 2 ? null : account.id)))
    expect((await findSessionAccount(others))?.id).toBe(alice.id)
  })

  test("ends when it is ended, and no other one with it", async () => {
    await twoAccounts()
    const here = await openSession(alice, somewhere())
    const there = await openSession(alice, somewhere())
    await endSession(here)
    expect(await findSessionAccount(here)).toBeUndefined()
    expect((await findSessionAccount(there))?.id).toBe(alice.id)
    await endSession(here)
  })

  test("is nobody's once it has expired", async () => {
    await twoAccounts()
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - sessionSeconds * 1000 - 1000 })
    const old = await openSession(alice, somewhere())
    vi.setSystemTime(Date.now() + 2000)
    const young = await openSession(alice, somewhere())
    vi.useRealTimers()
    expect(await findSessionAccount(old)).toBeUndefined()
    expect((await findSessionAccount(young))?.id).toBe(alice.id)
  })

  test("is nobody's once its account was closed", async () => {
    const owner = await addUser({ username: aName() })
    const secret = await openSession(owner, somewhere())
    await disableAccountRow(owner.username)
    expect(await findSessionAccount(secret)).toBeUndefined()
  })

  test("belongs to its own account only, and an invented one to nobody", async () => {
    await twoAccounts()
    expect((await findSessionAccount(await openSession(bob, somewhere())))?.id).toBe(bob.id)
    for (const secret of ["", "x", "A".repeat(43)]) expect(await findSessionAccount(secret)).toBeUndefined()
  })

  test("is kept without its secret", async () => {
    await twoAccounts()
    const secret = await openSession(alice, { address: "192.0.2.9", user_agent: "x".repeat(1000) })
    const rows = await read().select().from(sessions)
    expect(JSON.stringify(rows)).not.toContain(secret)
    const row = rows.find(({ address }) => address === "192.0.2.9")!
    expect(row.id).toMatch(/^[0-9a-f]{64}$/)
    expect(row.user_agent).toHaveLength(300)
  })
})

describe("a sign-in that is overtaken", () => {
  test("by another password opens no session that outlives it", async () => {
    for (let round = 0; round < 5; round++) {
      const account = await addUser({ username: aName("overtaken"), password })
      const [signingIn] = await Promise.allSettled([
        right(account.username),
        changePassword(actorFor(account, "web"), { current: password, password: "correct horse staple" }, null),
      ])
      if (signingIn.status === "rejected") expect(signingIn.reason).toMatchObject({ kind: "unauthenticated" })
      else expect(await findSessionAccount(signingIn.value)).toBeUndefined()
    }
  })

  test("by the end of the account opens none that would be open once it is enabled again", async () => {
    const account = await addUser({ username: aName("overtaken"), password })
    await disableAccountRow(account.username)
    await expect(openSession(account, somewhere())).rejects.toMatchObject({
      kind: "unauthenticated",
      detail: "Your sign-in expired. Sign in again.",
    })
    expect(await read().select().from(sessions).where(eq(sessions.owner_id, account.id))).toEqual([])
  })
})
