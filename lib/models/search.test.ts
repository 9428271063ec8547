import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { aModel, aName, anAccount, aVersion } from "@/lib/test/factories"
import { exploreModels } from "./explore"
import { deleteModel, updateModel, type Model } from "./model"
import { searchTerms } from "./search-terms"

let alice: Actor

beforeAll(async () => {
  alice = (await anAccount("alice-the-first")).actor
})

const search = (words: string, from?: string) => exploreModels(null, { words }, from)
const namesOf = async (words: string, facets?: { hardware?: string; has_versions?: boolean }) =>
  (await exploreModels(null, { words, ...facets })).rows.map(({ name }) => name)

describe("what is found", () => {
  let zebra: Model
  beforeAll(async () => {
    zebra = await aModel(alice, {
      name: "zebra-spotter.v2",
      description: "Counts the STRIPES of équidés; 100% café_proof",
    })
    await updateModel(alice, zebra.owner, zebra.name, {
      readme: "# Savanna\n\nTrained on 数据集 and waterholes (see https://example.com/paper).",
    })
    await aModel(alice, { name: "giraffe-spotter", description: "Long necks" })
  })

  test.each([
    "zebra",
    "ZEBRA",
    "spotter zebra",
    "zebra-spotter.v2",
    "alice-the-first/zebra-spotter.v2",
    "stripes",
    "Equides",
    "cafe proof",
    "café",
    "savanna",
    "waterholes",
    "数据",
    "example.com/paper",
    "zeb",
    "counts str",
    "alice first zebra",
    '"zebra',
    "zebra*",
    "zebra AND",
  ])("%j finds it", async (query) => {
    expect(await namesOf(query)).toContain("zebra-spotter.v2")
  })

  test.each(["zebra lion", "ebra", "str counts", "zebra OR giraffe", "zebra NOT giraffe", "name:zebra", "🦓", "!!!"])(
    "%j does not",
    async (query) => {
      expect(await namesOf(query)).not.toContain("zebra-spotter.v2")
    },
  )

  test.each([
    "'",
    '"',
    "\\",
    "%",
    "*",
    "(",
    ")",
    "^",
    "a:b",
    "-",
    "+",
    "NEAR(a b)",
    "{names} : a",
    "a' OR '1'='1",
    "; drop table models",
    "\0",
    "\ud800",
    "a\0b",
    "x".repeat(10_000),
    "word ".repeat(2000),
    "🦓".repeat(5000),
    "'a':*",
    "a & b | !c",
    "<->",
    "İstanbul",
    "ﬃ",
    "١٢٣",
    "e\u0301",
  ])("any text is a query: %#", async (query) => {
    await expect(search(query)).resolves.toMatchObject({ next: null, previous: null })
  })

  test("a blank query is the list of all", async () => {
    expect((await namesOf("  "))[0]).toBe("giraffe-spotter")
  })
})

describe("the index keeps in step", () => {
  test("a model is found under its new description and no longer under its old one", async () => {
    const [before, after] = [aName("before"), aName("after")]
    const { name } = await aModel(alice, { description: before })
    await updateModel(alice, alice.username, name, { description: after })
    expect([await namesOf(before), await namesOf(after)]).toEqual([[], [name]])
  })

  test("a model that turns private is gone at once, one that turns public is there", async () => {
    const { name } = await aModel(alice, { name: aName("turncoat") })
    await updateModel(alice, alice.username, name, { visibility: "private" })
    expect(await namesOf(name)).toEqual([])
    await updateModel(alice, alice.username, name, { readme: "Still hidden" })
    expect(await namesOf(name)).toEqual([])
    await updateModel(alice, alice.username, name, { visibility: "public" })
    expect(await namesOf(name)).toEqual([name])
  })

  test("a deleted model is not found, and one of the same name is", async () => {
    const { name } = await aModel(alice, { name: aName("phoenix"), visibility: "private" })
    await deleteModel(alice, alice.username, name)
    expect(await namesOf(name)).toEqual([])
    await aModel(alice, { name })
    expect(await namesOf(name)).toEqual([name])
  })
})

describe("the order", () => {
  test("is the very name, then names, then descriptions, then READMEs", async () => {
    const word = aName("rank").replace("-", "")
    const inReadme = await aModel(alice)
    await updateModel(alice, alice.username, inReadme.name, { readme: `About ${word}` })
    const exact = await aModel(alice, { name: word })
    const longer = await aModel(alice, { name: `${word}-lite` })
    const within = await aModel(alice, { name: `super-${word}` })
    const described = await aModel(alice, { description: `Not a ${word}` })

    expect(await namesOf(word)).toEqual([exact, longer, within, described, inReadme].map(({ name }) => name))
  })

  test("the very name comes first even among many newer ones that hold the word", async () => {
    const word = aName("common").replace("-", "")
    await aModel(alice, { name: word })
    for (let n = 0; n < 30; n++) await aModel(alice, { name: `${word}-${n}` })
    expect((await namesOf(word))[0]).toBe(word)
  })
})

test("pages walk both ways without gaps or repeats while others are created", async () => {
  const word = aName("walk").replace("-", "")
  for (let n = 0; n < 55; n++) await aModel(alice, { description: word })

  const first = await search(word)
  const second = await search(word, first.next!)
  await aModel(alice, { description: word })
  const third = await search(word, second.next!)
  const seen = [first, second, third].flatMap(({ rows }) => rows.map(({ name }) => name))
  expect(seen).toHaveLength(55)
  expect(new Set(seen).size).toBe(55)
  expect([first.previous, third.next]).toEqual([null, null])
  expect((await search(word, third.previous!)).rows).toEqual(second.rows)
  await expect(search(word, "junk")).rejects.toMatchObject({ kind: "invalid" })
})

test("a search, and the list of all, can be narrowed to hardware and to models that run", async () => {
  const word = aName("facet").replace("-", "")
  const onCpu = await aModel(alice, { description: word, hardware: "cpu" })
  const onT4 = await aModel(alice, { description: word, hardware: "gpu-t4" })
  await aVersion(alice, onT4)

  expect(await namesOf(word, { hardware: "cpu" })).toEqual([onCpu.name])
  expect(await namesOf(word, { has_versions: true })).toEqual([onT4.name])
  expect(await namesOf(word, { has_versions: true, hardware: "cpu" })).toEqual([])
  expect(await namesOf("", { has_versions: true, hardware: "gpu-t4" })).toEqual([onT4.name])
})

test.each([
  ["Flux-1.1 Pro_Max", ["flux", "1", "1", "pro", "max"]],
  ["Straße ÉCLAIR ﬁx ²", ["straße", "eclair", "fix", "2"]],
  ["テスト日本", ["テ", "ス", "ト", "日", "本"]],
  ["🦓 --", []],
])("the words of %j are %j", (text, words) => {
  expect(searchTerms(text)).toEqual(words)
})
