import { eq } from "drizzle-orm"
import { describe, expect, test } from "vitest"

import { read, write } from "@/db"
import { models } from "@/db/schema"
import { aModel, anAccount } from "@/lib/test/factories"
import { updateModel } from "./model"
import { getModelJson, listPublicModelsJson } from "./model-json"
import { fillOrigin, fillRunCount, toCachedJson } from "./cached-json"
import { fillCachedJson } from "./cached-json-store"
import { presentModel, presentNewModel } from "./present"
import type { ApiModel } from "./row"

const sample: ApiModel = {
  id: 1,
  owner_id: 2,
  owner: "alice",
  name: "hotdog",
  description: 'Two\nlines, a "quote", $& and \u0001',
  visibility: "public",
  hardware: "cpu",
  github_url: null,
  paper_url: null,
  license_url: null,
  weights_url: null,
  cover_image_url: null,
  egress_asked_at: null,
  egress_allowed_at: null,
  cover_upload: "ab".repeat(32),
  example_cover: null,
  run_count: 0,
  default_example: null,
  is_official: false,
  latest_version_id: "f".repeat(64),
  created_at: "2026-01-02T03:04:05.000006Z",
  updated_at: "2026-01-02T03:04:05.000006Z",
  listed_at: "2026-01-02T03:04:05.000006Z",
  pulled_at: null,
  latest_version: {
    id: "f".repeat(64),
    created_at: "2026-01-02T03:04:05.000006Z",
    cog_version: "0.16.8",
    openapi_schema: '{"openapi":"3.0.2","paths":{}}',
  },
}

const sent = (model: ApiModel, origin: string) =>
  fillOrigin(fillRunCount({ cached_json: toCachedJson(model), run_count: model.run_count }), origin)

describe("cached JSON", () => {
  test.each(["http://localhost:3000", "https://models.example.com", "http://[::1]:8080"])(
    "is what %s answers",
    (origin) => {
      expect(sent(sample, origin)).toBe(JSON.stringify(presentModel(sample, origin)))
    },
  )

  test("keeps its shape; whoever changes it adds a migration that empties models.cached_json, and then this line", () => {
    expect(Object.keys(JSON.parse(sent(sample, "x"))).join(" ")).toBe(
      "url owner name description visibility github_url paper_url license_url weights_url run_count is_official created_at cover_image_url default_example latest_version",
    )
    expect(Object.keys(JSON.parse(sent(sample, "x")).latest_version).join(" ")).toBe(
      "id created_at cog_version openapi_schema",
    )
  })

  test("does not change with the number of runs, and answers it all the same", async () => {
    const { actor } = await anAccount()
    const { owner, name, id } = await aModel(actor)
    const kept = async () =>
      (await read().select({ cached_json: models.cached_json }).from(models).where(eq(models.id, id)))[0]!.cached_json
    const before = await kept()
    await write(async (tx) => void (await tx.update(models).set({ run_count: 1234 }).where(eq(models.id, id))))
    await updateModel(actor, owner, name, {})
    expect(await kept()).toBe(before)
    expect(JSON.parse(await getModelJson(null, owner, name, "http://here"))).toMatchObject({ name, run_count: 1234 })
    expect(JSON.parse(`[${(await listPublicModelsJson("http://here")).models}]`)).toContainEqual(
      expect.objectContaining({ name, run_count: 1234 }),
    )
  })

  test("that is not there yet changes no answer, and is written down later", async () => {
    const { actor } = await anAccount()
    const model = await aModel(actor)
    const { owner, name, id } = model
    const answers = async () => [
      await getModelJson(actor, owner, name, "http://here"),
      await getModelJson(null, owner, name, "http://here"),
      (await listPublicModelsJson("http://here")).models,
    ]
    const before = await answers()
    expect(before[0]).toBe(JSON.stringify(presentNewModel(actor, model, "http://here")))
    await write(async (tx) => void (await tx.update(models).set({ cached_json: null }).where(eq(models.id, id))))
    expect(await answers()).toEqual(before)
    expect(await fillCachedJson(10)).toBe(false)
    expect(
      (await read().select({ cached_json: models.cached_json }).from(models).where(eq(models.id, id)))[0]!.cached_json,
    ).toContain(`"name":"${name}"`)
    expect(await answers()).toEqual(before)
  })
})
