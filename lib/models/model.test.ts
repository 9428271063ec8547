import models from "all-the-public-replicate-models"
import { RSC_SEGMENT_SUFFIX, RSC_SUFFIX } from "next/dist/lib/constants"
import { describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import { Username } from "@/lib/owners/schema"
import { aModel, aModelNamedEarly, aName, anAccount, modelInput } from "@/lib/test/factories"
import { getModelJson } from "./model-json"
import { exploreModels } from "./explore"
import { createModel, getModel, listModelsOf, listPublicModels } from "./model"
import { renameModel } from "./rename"
import { badName, CreateModelInput, ModelName, unpushableName } from "./schema"

test("a created model can be read back with what was given and nothing invented", async () => {
  const { actor } = await anAccount()
  const created = await aModel(actor, {
    name: "hotdog",
    description: "  Tells hot dogs apart ",
    hardware: "gpu-a40-large",
    github_url: "https://github.com/a/b",
    paper_url: "",
  })

  expect(await getModel(null, actor.username, "hotdog")).toEqual(created)
  expect(created).toMatchObject({
    owner: actor.username,
    name: "hotdog",
    description: "Tells hot dogs apart",
    hardware: "gpu-a40-large",
    github_url: "https://github.com/a/b",
    paper_url: null,
    run_count: 0,
    is_official: false,
  })
  expect(created.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
})

test("a name is unique within its owner only", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "hotdog" })

  await expect(aModel(actor, { name: "hotdog" })).rejects.toMatchObject({
    kind: "conflict",
    fields: { name: "A model with that name and owner already exists." },
  })
  await expect(aModel((await anAccount()).actor, { name: "hotdog" })).resolves.toMatchObject({ name: "hotdog" })
})

test("of 64 simultaneous identical creates exactly one succeeds", async () => {
  const { actor, owner } = await anAccount()
  const input = modelInput(actor)
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => createModel(actor, input)))

  expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1)
  const refusals = outcomes.flatMap((o) => (o.status === "rejected" ? [o.reason] : []))
  expect(new Set(refusals.map((refusal) => `${refusal.kind} ${refusal.detail}`)).size).toBe(1)
  expect(refusals[0]).toMatchObject({ kind: "conflict" })
  expect((await listModelsOf(actor, owner)).rows).toHaveLength(1)
})

test("the limit of an account is exact when many models are created at once", async () => {
  const limit = env.MODELS_PER_ACCOUNT
  env.MODELS_PER_ACCOUNT = 5
  try {
    const { actor, owner } = await anAccount()
    await aModel(actor)
    const outcomes = await Promise.allSettled(Array.from({ length: 32 }, () => aModel(actor)))

    expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(4)
    const [refusal] = outcomes.flatMap((o) => (o.status === "rejected" ? [o.reason] : []))
    expect(refusal).toMatchObject({ kind: "forbidden", detail: expect.stringContaining("has 5 models, the maximum") })
    expect((await listModelsOf(actor, owner)).rows).toHaveLength(5)
  } finally {
    env.MODELS_PER_ACCOUNT = limit
  }
})

test("an unknown owner is a mistake in the field, somebody else's account is forbidden", async () => {
  const { actor } = await anAccount()
  const { owner } = await anAccount()
  await expect(createModel(actor, modelInput(actor, { owner: "nobody-here" }))).rejects.toMatchObject({
    kind: "invalid",
    fields: { owner: "There is no account named nobody-here." },
  })
  await expect(createModel(actor, modelInput(actor, { owner: owner.username }))).rejects.toMatchObject({
    kind: "forbidden",
  })
})

test("hardware that is unknown or closed is refused with what can be had", async () => {
  const { actor } = await anAccount()
  const options =
    "Your options are: cpu, cpu-small, gpu-a100-large, gpu-a100-large-2x, gpu-a40-large, gpu-a40-small, gpu-h100, gpu-l40s, gpu-l40s-2x, gpu-t4."
  await expect(createModel(actor, modelInput(actor, { hardware: "gpu-z80" }))).rejects.toMatchObject({
    fields: { hardware: `gpu-z80 is not a valid hardware SKU. ${options}` },
  })
  await expect(createModel(actor, modelInput(actor, { hardware: "gpu-l40s-8x" }))).rejects.toMatchObject({
    fields: {
      hardware: `gpu-l40s-8x is not available. Not in this fleet yet. Ask your administrator to open it. ${options}`,
    },
  })
})

test("the early spelling of a SKU is understood and kept under today's name", async () => {
  const { actor } = await anAccount()
  await expect(aModel(actor, { hardware: "gpu-2x-l40s" })).resolves.toMatchObject({ hardware: "gpu-l40s-2x" })
})

describe("what may come in", () => {
  test.each(["a", "0", "a.b", "a_b-c", "a__b", "a-b--c---d", "x".repeat(100), "llama-3.1-8b"])(
    "%s is a name",
    (name) => {
      expect(ModelName.safeParse(name).success).toBe(true)
    },
  )

  test.each(["A", "-a", "a-", "a.", "_a", "a b", "ä", "a/b", "x\n", "\u0000"])("%j is no name", (name) => {
    expect(ModelName.safeParse(name).error?.issues[0]?.message).toBe(badName)
  })

  test.each(["dr.-strange", "a..b", "a___b", "a._b", "a-_b", "a_-b", "a-.b"])(
    "%s is no name, because docker could not push to it",
    (name) => {
      expect(ModelName.safeParse(name).error?.issues[0]?.message).toBe(unpushableName)
    },
  )

  test("a name does not end as Next's own addresses do", () => {
    for (const ending of [RSC_SUFFIX, RSC_SEGMENT_SUFFIX, ".prefetch.rsc"])
      expect(ModelName.safeParse(`a${ending}`).error?.issues[0]?.message).toMatch(/^A name cannot end in/)
    expect(ModelName.safeParse("a.rsc-b").success).toBe(true)
  })

  test("a model that got its name before such names were refused stays, and can be renamed", async () => {
    const { actor } = await anAccount()
    const { id } = await aModelNamedEarly(actor, "dr.-strange")
    expect(await getModel(actor, actor.username, "dr.-strange")).toMatchObject({ id })
    expect(JSON.parse(await getModelJson(actor, actor.username, "dr.-strange", "http://h"))).toMatchObject({
      name: "dr.-strange",
    })
    await expect(renameModel(actor, actor.username, "dr.-strange", { name: "dr._strange" })).rejects.toThrow()
    await renameModel(actor, actor.username, "dr.-strange", { name: "dr-strange" })
    expect(await getModel(actor, actor.username, "dr.-strange")).toMatchObject({ id, name: "dr-strange" })
  })

  test("a name has at most 100 characters", () => {
    expect(ModelName.safeParse("x".repeat(101)).error?.issues[0]?.message).toBe("A name has at most 100 characters.")
  })

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://example.com/x",
    "https://",
    "//example.com",
    "https://exa mple.com",
    "x",
    7,
  ])("%j is no link", async (github_url) => {
    const { actor } = await anAccount()
    await expect(aModel(actor, { github_url: github_url as string })).rejects.toThrow()
  })

  test("nothing, null and blank are the same for an optional field", () => {
    const required = { owner: "a", name: "a", visibility: "public", hardware: "cpu" }
    expect(CreateModelInput.parse({ ...required, description: null, paper_url: "  " })).toMatchObject({
      description: null,
      paper_url: null,
    })
    expect(CreateModelInput.parse({ ...required, unknown: 1 })).toEqual(required)
  })

  test("every public model of the original could be created here, and its owner could sign up", () => {
    expect(models.length).toBe(3808)
    for (const { owner, name } of models) {
      expect(ModelName.safeParse(name).success, name).toBe(true)
      expect(Username.safeParse(owner).success, owner).toBe(true)
    }
  })
})

describe("a private model", () => {
  test("to a stranger it is not there, exactly as one that never was", async () => {
    const { actor } = await anAccount()
    const stranger = await anAccount()
    const { name } = await aModel(actor, { visibility: "private" })

    const hidden = await getModel(stranger.actor, actor.username, name).catch((error) => error)
    const absent = await getModel(stranger.actor, actor.username, "never-was").catch((error) => error)
    expect(hidden).toMatchObject({ kind: "missing" })
    expect(JSON.stringify(hidden)).toBe(JSON.stringify(absent))
    await expect(getModel(null, actor.username, name)).rejects.toMatchObject({ kind: "missing" })
    await expect(getModel(actor, actor.username, name)).resolves.toMatchObject({ name })
  })

  test("it is in its owner's list and in nobody else's", async () => {
    const { actor, owner } = await anAccount()
    const marker = aName("needle")
    await aModel(actor, { visibility: "private", name: marker })

    expect((await listModelsOf(actor, owner)).rows.map((m) => m.name)).toEqual([marker])
    expect((await listModelsOf((await anAccount()).actor, owner)).rows).toEqual([])
    expect((await listModelsOf(null, owner)).rows).toEqual([])
    expect((await exploreModels(null, { words: marker })).rows).toEqual([])
  })
})

describe("the public list", () => {
  test("shows newest first, 25 a page, and walks both ways without gaps or repeats while others are created", async () => {
    const { actor } = await anAccount()
    const names = []
    for (let n = 0; n < 60; n++) names.unshift((await aModel(actor)).name)

    const first = await listPublicModels()
    await aModel((await anAccount()).actor)
    const second = await listPublicModels(first.next!)
    const third = await listPublicModels(second.next!)
    expect([first, second].map((page) => page.rows.length)).toEqual([25, 25])
    expect([...first.rows, ...second.rows, ...third.rows].map((m) => m.name).slice(0, 60)).toEqual(names)
    expect(first.previous).toBeNull()

    const back = await listPublicModels(third.previous!)
    expect(back.rows.map((m) => m.name)).toEqual(second.rows.map((m) => m.name))
    expect(back.next && (await listPublicModels(back.next)).rows.map((m) => m.name)).toEqual(
      third.rows.map((m) => m.name),
    )
  })

  test.each(["x", "e30", "WzFd", "%00", ""])("%j is no cursor", async (cursor) => {
    await expect(listPublicModels(cursor)).rejects.toMatchObject({ kind: "invalid" })
  })

  test("search needs every word, somewhere in owner, name or description, and takes % and _ as they are", async () => {
    const { actor } = await anAccount()
    const word = aName("zebra")
    const { name } = await aModel(actor, { description: `A ${word} with 100% stripes_` })

    for (const query of [word, `${word.toUpperCase()} stripes`, `${actor.username} 100%`, `${word} stripes_`])
      expect(
        (await exploreModels(null, { words: query })).rows.map((m) => m.name),
        query,
      ).toEqual([name])
    for (const query of [`${word} lion`, `${word} %s_ripes`])
      expect((await exploreModels(null, { words: query })).rows, query).toEqual([])
  })
})

test("times never repeat or go back, even when the clock does", async () => {
  const { now } = await import("@/lib/clock")
  const clock = vi.spyOn(Date, "now")
  const before = now()
  clock.mockReturnValue(Date.now() - 3_600_000)
  expect(now() > before).toBe(true)
  clock.mockRestore()
})
