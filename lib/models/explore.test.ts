import { beforeAll, describe, expect, test } from "vitest"

import type { Actor, Role } from "@/lib/auth/actor"
import type { Account } from "@/lib/owners/owner"
import { aMember, aModel, aName, anOrganization, anAccount, aVersion } from "@/lib/test/factories"
import { countModels, exploreModels, listNewestOwn, suggestModels, type ExploreFilters } from "./explore"
import { updateModel } from "./model"

let alice: Actor
let bob: Actor
let aliceAccount: Account

/** A word in all models of this file, so that those of other tests do not match. */
const word = aName("explored").replace("-", "")

beforeAll(async () => {
  const first = await anAccount()
  alice = first.actor
  aliceAccount = first.owner
  bob = (await anAccount()).actor
  await aModel(alice, { name: "cedar", description: `${word} old`, hardware: "cpu" })
  const birch = await aModel(alice, { name: "birch", description: `${word} tall`, hardware: "gpu-t4" })
  await aModel(alice, { name: "ash", description: `${word} hidden`, visibility: "private", hardware: "gpu-t4" })
  await aModel(bob, { name: "alder", description: word, hardware: "cpu" })
  await aModel(bob, { name: "aspen", description: word, visibility: "private" })
  await aVersion(alice, birch)
})

const names = async (actor: Actor | null, filters: ExploreFilters) =>
  (await exploreModels(actor, filters)).rows.map(({ name }) => name)

describe("who sees what", () => {
  test("without an account, everybody's public models: nobody's private ones, not even one's own", async () => {
    for (const actor of [alice, bob, null])
      expect(new Set(await names(actor, { words: word }))).toEqual(new Set(["cedar", "birch", "alder"]))
  })

  test("one's own account holds the private ones too, and can be narrowed to either", async () => {
    for (const words of ["", word]) {
      expect(await names(alice, { words, of: aliceAccount, sort: "name" })).toEqual(["ash", "birch", "cedar"])
      expect(await names(alice, { words, of: aliceAccount, visibility: "private" })).toEqual(["ash"])
      expect(await names(alice, { words, of: aliceAccount, visibility: "public", sort: "name" })).toEqual([
        "birch",
        "cedar",
      ])
    }
  })

  test("another's account holds its public ones, whatever is asked for, and the counts agree", async () => {
    for (const actor of [bob, null])
      for (const words of ["", word]) {
        expect(await names(actor, { words, of: aliceAccount, sort: "name" })).toEqual(["birch", "cedar"])
        expect(await exploreModels(actor, { words, of: aliceAccount, visibility: "private" })).toEqual({
          rows: [],
          next: null,
          previous: null,
          total: 0,
        })
        expect((await exploreModels(actor, { words, of: aliceAccount })).total).toBe(2)
        expect(await names(actor, { words: `${words} hidden`, of: aliceAccount })).toEqual([])
        expect(await names(actor, { words, visibility: "private" })).toEqual([])
      }
    expect(await countModels(alice, aliceAccount)).toBe(3)
    expect(await countModels(bob, aliceAccount)).toBe(2)
    expect(await countModels(null, aliceAccount)).toBe(2)
  })

  test("a model that turns private is gone from every list at once, and back again", async () => {
    const { name } = await aModel(bob, { name: aName("turncoat"), description: word })
    await updateModel(bob, bob.username, name, { visibility: "private" })
    for (const filters of [{ words: word }, { of: { id: bob.owner_id } }, { words: name, of: { id: bob.owner_id } }])
      expect(await names(alice, filters)).not.toContain(name)
    await updateModel(bob, bob.username, name, { visibility: "public" })
    expect(await names(alice, { words: name })).toEqual([name])
    await updateModel(bob, bob.username, name, { visibility: "private" })
  })
})

test("an organization's private models are its members' to find, and nobody else's", async () => {
  const { organization, actor } = await anOrganization()
  const viewer = await aMember(actor, organization, "viewer")
  await aModel(actor, { owner: organization.username, name: "shared", description: word, visibility: "private" })
  for (const words of ["", word]) {
    expect(await names(viewer, { words, of: organization })).toEqual(["shared"])
    expect(await names(alice, { words, of: organization })).toEqual([])
  }
  expect([
    await countModels(viewer, organization),
    await countModels(alice, organization),
    await countModels(null, organization),
  ]).toEqual([1, 0, 0])
  expect((await suggestModels(viewer, "shared")).map(({ owner }) => owner)).toContain(organization.username)
  for (const stranger of [alice, null])
    expect((await suggestModels(stranger, "shared")).map(({ owner }) => owner)).not.toContain(organization.username)
})

test("one's newest models are those of the account and its organizations, private ones included", async () => {
  const { organization, actor } = await anOrganization()
  const member = await aMember(actor, organization, "viewer")
  await aModel(member, { name: "own", visibility: "private" })
  await aModel(actor, { owner: organization.username, name: "shared", visibility: "private" })
  await aModel(member, { name: "newest" })
  const newest = async (limit: number) => (await listNewestOwn(member, limit)).map(({ name }) => name)
  expect(await newest(9)).toEqual(["newest", "shared", "own"])
  expect(await newest(2)).toEqual(["newest", "shared"])
})

describe("narrowing and order", () => {
  test.each([
    [{ hardware: "gpu-t4" }, ["ash", "birch"]],
    [{ has_versions: true }, ["birch"]],
    [{ hardware: "cpu", has_versions: true }, []],
    [{ hardware: "gpu-t4", visibility: "private" as const }, ["ash"]],
    [{ hardware: "nothing-like-it" }, []],
  ])("%j", async (filters, expected) => {
    for (const words of ["", word])
      expect(await names(alice, { ...filters, words, of: aliceAccount, sort: "name" })).toEqual(expected)
  })

  test.each([
    ["name", ["ash", "birch", "cedar"]],
    ["newest", ["ash", "birch", "cedar"]],
    ["updated", ["birch", "ash", "cedar"]],
  ] as const)("by %s", async (sort, expected) => {
    for (const words of ["", word]) expect(await names(alice, { words, sort, of: aliceAccount })).toEqual(expected)
  })

  test("the latest versions come first unless told otherwise, and the very name where words are asked for", async () => {
    expect(await names(alice, { of: aliceAccount })).toEqual(["birch", "ash", "cedar"])
    await aModel(alice, { name: "cedar-two", description: word })
    expect(await names(alice, { words: "cedar", of: aliceAccount })).toEqual(["cedar", "cedar-two"])
    expect(await names(alice, { words: "CÉDAR t", of: aliceAccount })).toEqual(["cedar-two"])
  })

  test("public models can be ordered in every way, with words and without", async () => {
    for (const words of ["", word])
      for (const [sort, sorted] of [
        ["name", true],
        ["newest", false],
        ["updated", false],
      ] as const) {
        const { rows } = await exploreModels(null, { words, sort })
        const keys = rows.map(
          (model) => model[sort === "name" ? "name" : sort === "newest" ? "created_at" : "listed_at"],
        )
        expect(keys, `${words} ${sort}`).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1) * (sorted ? 1 : -1)))
      }
  })
})

test.each(["name", "newest", "updated", undefined] as const)(
  "pages sorted by %s walk both ways without gaps or repeats",
  async (sort) => {
    const { owner, actor } = await anAccount()
    const mark = aName("walked").replace("-", "")
    for (let n = 0; n < 7; n++) await aModel(actor, { description: mark, visibility: n % 2 ? "public" : "private" })
    for (const words of ["", mark]) {
      const filters = { words, sort, of: owner }
      const first = await exploreModels(actor, filters, undefined, 3)
      const second = await exploreModels(actor, filters, first.next!, 3)
      await aModel(bob, { description: mark })
      const third = await exploreModels(actor, filters, second.next!, 3)
      const seen = [first, second, third].flatMap(({ rows }) => rows.map(({ name }) => name))
      expect(new Set(seen).size).toBe(7)
      expect([first.previous, third.next, first.total, third.total]).toEqual([null, null, 7, 7])
      expect((await exploreModels(actor, filters, third.previous!, 3)).rows).toEqual(second.rows)
      await expect(exploreModels(actor, filters, "junk")).rejects.toMatchObject({ kind: "invalid" })
    }
  },
)

describe("what is offered while a name is typed", () => {
  const offered = async (actor: Actor | null, words: string) =>
    (await suggestModels(actor, words)).map(({ owner, name }) => `${owner}/${name}`)

  test("is one's own first, private ones included, then everybody's public ones, each once", async () => {
    const mine = await offered(alice, word)
    expect(mine.slice(0, 4).sort()).toEqual(
      ["ash", "birch", "cedar", "cedar-two"].map((name) => `${alice.username}/${name}`),
    )
    expect(mine).toContain(`${bob.username}/alder`)
    expect(new Set(mine).size).toBe(mine.length)
  })

  test("is at most 25 models, of the first fifty accounts", async () => {
    const { organization, actor } = await anOrganization()
    const { name } = await aModel(actor, { owner: organization.username, name: `${word}-kept`, visibility: "private" })
    const wanted = `${organization.username}/${name}`
    const strangers = Array.from({ length: 60 }, (_, n): [number, Role] => [1_000_000 + n, "viewer"])
    const of = (roles: [number, Role][]) => offered({ ...actor, roles: new Map(roles) }, `${word} kept`)
    expect(await of([[organization.id, "owner"], ...strangers])).toContain(wanted)
    expect(await of([...strangers, [organization.id, "owner"]])).not.toContain(wanted)

    for (let n = 0; n < 26; n++) await aModel(actor, { name: `many-${n}` })
    expect((await suggestModels(actor, "many", 1000)).length).toBe(25)
  })

  test("is never another's private model", async () => {
    for (const words of [word, "hidden", "ash", `${alice.username}/ash`]) {
      expect(await offered(bob, words)).not.toContain(`${alice.username}/ash`)
      expect(await offered(null, words)).not.toContain(`${alice.username}/ash`)
    }
    expect(await offered(alice, `${alice.username}/ash`)).toEqual([`${alice.username}/ash`])
  })

  test("is one's newest when nothing is typed yet, and nothing to a visitor", async () => {
    expect((await offered(alice, " "))[0]).toBe(`${alice.username}/cedar-two`)
    expect(await offered(null, "")).toEqual([])
  })
})
