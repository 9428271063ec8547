import { afterAll, beforeAll, expect, test } from "vitest"

import { env } from "@/env"
import { getModelJson } from "@/lib/models/model-json"
import { listExamples } from "@/lib/predictions/example"
import { aRunningHub } from "@/lib/test/running"
import { catalogue } from "./catalogue"
import { exampleInputs } from "./examples"
import { bundledOwner } from "@/lib/versions/bundled"
import { publishBundledModels } from "./publish"
import { showExamples } from "./show"

let hub: Awaited<ReturnType<typeof aRunningHub>>
const included = catalogue.filter(({ included }) => included)

beforeAll(async () => {
  env.RUN_BUNDLED = "on"
  await publishBundledModels()
  hub = await aRunningHub()
})
afterAll(async () => {
  env.RUN_BUNDLED = "off"
  await hub.close()
})

test("every bundled model is run on its examples, once, and shows what came of it", { timeout: 180_000 }, async () => {
  await showExamples()
  for (const model of included) {
    const { rows } = await listExamples(null, bundledOwner, model.name)
    const inputs = await exampleInputs(model)
    expect(rows, model.name).toHaveLength(inputs.length)
    for (const [at, { input, output, status }] of rows.entries()) {
      expect(status).toBe("succeeded")
      const { image, ...others } = inputs[at]!
      expect(input).toMatchObject(image ? { ...others, image: expect.any(String) } : others)
      expect(output).toBeTruthy()
    }
    const json = JSON.parse(await getModelJson(null, bundledOwner, model.name, "http://models.test"))
    expect(json.default_example).toMatchObject({ id: rows[0]!.id, status: "succeeded" })
  }

  const before = await Promise.all(included.map(({ name }) => listExamples(null, bundledOwner, name)))
  await showExamples()
  expect(await Promise.all(included.map(({ name }) => listExamples(null, bundledOwner, name)))).toEqual(before)
})

test("without an engine here, or without bundled models, nothing is run", async () => {
  for (const [name, value] of [
    ["RUN_ENGINE", "off"],
    ["RUN_BUNDLED", "off"],
  ] as const) {
    const stood = env[name]
    Object.assign(env, { [name]: value })
    await expect(showExamples()).resolves.toBeUndefined()
    Object.assign(env, { [name]: stood })
  }
})
