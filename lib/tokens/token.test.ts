import { createHash } from "node:crypto"
import { eq } from "drizzle-orm"
import { afterEach, describe, expect, test, vi } from "vitest"

import { closeDatabase, read, write, sqlitePath } from "@/db"
import { tokens } from "@/db/schema"
import { fromNow } from "@/lib/clock"
import { disableAccountRow } from "@/lib/test/accounts"
import { aMember, anAccount, anOrganization, aToken } from "@/lib/test/factories"
import { presentToken } from "./present"
import { isWellFormed, newSecret } from "./secret"
import { maxTokens } from "./store"
import { authenticateToken, findSeenToken, issueToken, listTokens, revokeToken } from "./token"

const rowOf = async (id: number) => (await read().select().from(tokens).where(eq(tokens.id, id)))[0]!
const databaseIsOpen = () => Symbol.for(`understudy.database ${process.env.DATABASE_URL || sqlitePath()}`) in globalThis

afterEach(() => {
  vi.useRealTimers()
})

describe("the text of a token", () => {
  test("has 40 characters and a prefix that secret scanners can look for", () => {
    for (let n = 0; n < 200; n++) {
      const secret = newSecret()
      expect(secret).toMatch(/^us_[0-9A-Za-z]{37}$/)
      expect(isWellFormed(secret)).toBe(true)
    }
  })

  test("is never the same", () => {
    expect(new Set(Array.from({ length: 200 }, newSecret)).size).toBe(200)
  })

  test("tells every single mistyped character, and every pair of random ones that changed places", () => {
    const secret = newSecret()
    for (let at = 0; at < secret.length; at++) {
      const other = secret[at] === "a" ? "b" : "a"
      expect(isWellFormed(secret.slice(0, at) + other + secret.slice(at + 1)), `position ${at}`).toBe(false)
    }
    for (let at = 3; at < 33; at++) {
      const swapped = secret.slice(0, at) + secret[at + 1] + secret[at] + secret.slice(at + 2)
      if (swapped !== secret) expect(isWellFormed(swapped), `position ${at}`).toBe(false)
    }
  })

  test.each([
    "",
    "us_",
    "x".repeat(40),
    `r8_${"0".repeat(37)}`,
    `us_${"0".repeat(38)}`,
    `US_${"0".repeat(37)}`,
    `us_${"é".repeat(37)}`,
  ])("%j is none", (text) => {
    expect(isWellFormed(text)).toBe(false)
  })

  test("is checked without the database", async () => {
    const secret = await aToken((await anAccount()).actor)
    const mistyped = `${secret.slice(0, -1)}${secret.endsWith("a") ? "b" : "a"}`
    await closeDatabase()

    expect(await authenticateToken(mistyped, "api")).toBeUndefined()
    expect(databaseIsOpen()).toBe(false)
    expect(await authenticateToken(secret, "api")).toBeDefined()
    expect(databaseIsOpen()).toBe(true)
  })
})

describe("a token", () => {
  test("speaks for its account, and says from which source", async () => {
    const { actor } = await anAccount()
    const secret = await aToken(actor)
    expect(await authenticateToken(secret, "api")).toMatchObject({ ...actor, via: "api" })
    expect(await authenticateToken(secret, "registry")).toMatchObject({ owner_id: actor.owner_id, via: "registry" })
  })

  test("that was never issued speaks for nobody", async () => {
    expect(await authenticateToken(newSecret(), "api")).toBeUndefined()
  })

  test("is kept as a hash only", async () => {
    const { token, secret } = await issueToken((await anAccount()).actor, { name: "laptop" })
    const row = await rowOf(token.id)
    expect(row.hash).toBe(createHash("sha256").update(secret).digest("hex"))
    expect(row.ending).toBe(secret.slice(-4))
    expect(JSON.stringify(row)).not.toContain(secret.slice(3, 34))
  })

  test("is nobody's once it was revoked, has expired, or its account was closed", async () => {
    const { owner, actor } = await anAccount()
    const [revoked, expired, orphaned] = [
      await issueToken(actor, { name: "a" }),
      await issueToken(actor, { name: "b" }),
      await issueToken(actor, { name: "c" }),
    ]

    await revokeToken(actor, revoked.token.id)
    expect(await authenticateToken(revoked.secret, "api")).toBeUndefined()

    await write(async (tx) => {
      await tx
        .update(tokens)
        .set({ expires_at: fromNow(-1) })
        .where(eq(tokens.id, expired.token.id))
    })
    expect(await authenticateToken(expired.secret, "api")).toBeUndefined()

    expect(await authenticateToken(orphaned.secret, "api")).toBeDefined()
    await disableAccountRow(owner.username)
    expect(await authenticateToken(orphaned.secret, "api")).toBeUndefined()
  })

  test("is revoked by its account only, and once", async () => {
    const { actor } = await anAccount()
    const { token, secret } = await issueToken(actor, { name: "laptop" })
    await expect(revokeToken((await anAccount()).actor, token.id)).rejects.toMatchObject({ kind: "missing" })
    expect(await authenticateToken(secret, "api")).toBeDefined()

    await revokeToken(actor, token.id)
    await expect(revokeToken(actor, token.id)).rejects.toMatchObject({ kind: "missing" })
    for (const id of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53])
      await expect(revokeToken(actor, id)).rejects.toMatchObject({ kind: "missing" })
  })

  test.each([
    ["", "Enter a name."],
    ["   ", "Enter a name."],
    ["x".repeat(101), "A name has at most 100 characters."],
  ])("cannot be named %j", async (name, complaint) => {
    const { actor } = await anAccount()
    await expect(issueToken(actor, { name })).rejects.toMatchObject({
      issues: [{ path: ["name"], message: complaint }],
    })
  })
})

test("an account has so many tokens and no more, until it revokes one", async () => {
  const { actor } = await anAccount()
  const rows = Array.from({ length: maxTokens }, (_, n) => ({
    owner_id: actor.owner_id,
    name: `t${n}`,
    hash: createHash("sha256").update(`${actor.owner_id} ${n}`).digest("hex"),
    ending: "0000",
    scopes: ["read" as const],
    created_at: fromNow(0),
  }))
  await write(async (tx) => {
    for (let at = 0; at < rows.length; at += 100) await tx.insert(tokens).values(rows.slice(at, at + 100))
  })
  await expect(aToken(actor)).rejects.toMatchObject({ kind: "forbidden" })
  await revokeToken(actor, (await listTokens(actor))[0]!.id)
  await aToken(actor)
})

describe("the list of tokens", () => {
  test("holds the account's own that are in use, newest first", async () => {
    const { actor } = await anAccount()
    await aToken((await anAccount()).actor)
    for (const name of ["first", "second", "third"]) await issueToken(actor, { name })
    const [, second] = await listTokens(actor)
    await revokeToken(actor, second!.id)
    expect((await listTokens(actor)).map(({ name }) => name)).toEqual(["third", "first"])
  })

  test("shows enough to recognise a token, and nothing to use it with", async () => {
    const { actor } = await anAccount()
    const { secret } = await issueToken(actor, { name: " laptop " })
    const [row] = await listTokens(actor)
    expect(presentToken(row!)).toEqual({
      id: row!.id,
      name: "laptop",
      masked: `us_…${secret.slice(-4)}`,
      scopes: ["read", "write", "push"],
      created_at: row!.created_at,
      last_used_at: null,
      expires_at: null,
      expired: false,
    })
  })
})

test("a token is seen by those who manage the account's tokens, also once it is revoked", async () => {
  const { organization, actor } = await anOrganization()
  const { token } = await issueToken(actor, { name: "ci" }, organization)
  await revokeToken(actor, token.id, organization)
  expect(await findSeenToken(actor, token.id)).toMatchObject({ name: "ci" })
  for (const other of [await aMember(actor, organization, "developer"), (await anAccount()).actor, null])
    expect(await findSeenToken(other, token.id)).toBeNull()
  expect(await findSeenToken(actor, 999_999)).toBeNull()
})

test("the last use is noted, at most once a minute", async () => {
  const { token, secret } = await issueToken((await anAccount()).actor, { name: "laptop" })
  const lastUse = async () => (await rowOf(token.id)).last_used_at
  const used = async (before: string | null) => {
    await authenticateToken(secret, "api")
    return vi.waitFor(
      async () => {
        const at = await lastUse()
        if (at === before) throw new Error("not yet")
        return at
      },
      { timeout: 30_000 },
    )
  }
  expect(await lastUse()).toBeNull()
  const first = await used(null)

  for (let n = 0; n < 5; n++) await authenticateToken(secret, "api")
  await write(async () => {})
  expect(await lastUse()).toBe(first)

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 })
  expect(Date.parse((await used(first))!)).toBeGreaterThan(Date.parse(first!) + 60_000)
})
