import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { pageBytes } from "@/lib/page"
import { aModel, anAccount, aName, aVersion } from "@/lib/test/factories"
import { getModelJson, listModelsJsonOf, listPublicModelsJson, searchPublicModelsJson } from "./model-json"

const origin = "http://here.example"
const word = aName("large")
/** A schema of the maximum size. */
const openapi_schema = {
  components: { schemas: { Input: { type: "object", description: "x".repeat(250_000) }, Output: {} } },
}

let actor: Actor
let names: string[]
const modelsIn = (json: string) => JSON.parse(`[${json}]`) as { name: string }[]
const namesIn = (json: string) => modelsIn(json).map(({ name }) => name)

beforeAll(async () => {
  actor = (await anAccount()).actor
  names = []
  for (let n = 0; n < 12; n++) {
    const model = await aModel(actor, { name: `${word}-${n}` })
    // Small schemas between the large ones.
    await aVersion(actor, model, n % 3 === 0 ? {} : { openapi_schema })
    names.unshift(model.name)
  }
})

describe("a page of large models", () => {
  test("ends early, and the next one goes on where it ended, there and back", async () => {
    const seen: string[][] = []
    let page = await listModelsJsonOf(actor, { id: actor.owner_id }, origin)
    for (; ; page = await listModelsJsonOf(actor, { id: actor.owner_id }, origin, page.next!)) {
      expect(page.models.length).toBeLessThan(pageBytes + 1000)
      seen.push(namesIn(page.models))
      if (!page.next) break
    }
    expect(seen.flat()).toEqual(names)
    expect(seen.length).toBeGreaterThan(1)

    const back: string[] = []
    while (page.previous) {
      page = await listModelsJsonOf(actor, { id: actor.owner_id }, origin, page.previous)
      expect(page.models.length).toBeLessThan(pageBytes + 1000)
      back.unshift(...namesIn(page.models))
    }
    expect(back).toEqual(names.slice(0, names.length - seen.at(-1)!.length))
  })

  test("of everybody's ends early too, and so does what a search finds", async () => {
    for (const models of [
      (await listPublicModelsJson(origin, undefined, 100)).models,
      (await searchPublicModelsJson(word, origin, 50)).join(),
    ]) {
      expect(modelsIn(models).length).toBeGreaterThan(2)
      expect(models.length).toBeLessThan(pageBytes + 1000)
    }
  })

  test("has each as it is on its own", async () => {
    const { models } = await listModelsJsonOf(actor, { id: actor.owner_id }, origin)
    expect(modelsIn(models)[0]).toEqual(JSON.parse(await getModelJson(actor, actor.username, names[0]!, origin)))
  })
})
