import { afterAll, beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { advanceBatches } from "@/lib/batches/job"
import type { Model } from "@/lib/models/model"
import { createPrediction } from "@/lib/predictions/create"
import { endPrediction } from "@/lib/predictions/end"
import { addExample } from "@/lib/predictions/example"
import { getPrediction } from "@/lib/predictions/prediction"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, anAccount, anOrganization, aToken, aVersion } from "@/lib/test/factories"
import { issueToken, revokeToken } from "@/lib/tokens/token"
import { anImage, aRegistry, basic, cogLabels, pushImage, type Registry } from "@/lib/test/registry"
import type { Version } from "@/lib/versions/version"

const openapi_schema = {
  openapi: "3.0.2",
  components: {
    schemas: {
      Input: { type: "object", required: ["text"], properties: { text: { type: "string" } } },
      Output: { type: "string" },
    },
  },
}

let call: CallApi
let registry: Registry
let alice: Actor
let bobs: string
let model: Model
let version: Version
beforeAll(async () => {
  registry = await aRegistry()
  alice = (await anAccount()).actor
  bobs = await aToken((await anAccount()).actor)
  call = (await apiFor(await aToken(alice))).call
  model = await aModel(alice, { visibility: "private" })
  version = await aVersion(alice, model, { openapi_schema })
})
afterAll(() => registry.close())

const inputs = [{ text: "one" }, { text: "two" }]
const create = (body: object = {}, options: Parameters<CallApi>[2] = {}) =>
  call("POST", "/v1/batches", { body: { version: version.id, inputs, ...body }, ...options })
const linesOf = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

/** Ends the runs of a batch that have begun. */
async function finish(id: string, output = "done") {
  for (const { prediction } of linesOf((await call("GET", `/v1/batches/${id}/results`)).text))
    if (prediction)
      await endPrediction(await getPrediction(alice, prediction.id), {
        status: "succeeded",
        output,
        metrics: { cost_usd: 0.25 },
      })
}

describe("batches", () => {
  test("a batch is created, runs, and gives its results in order", async () => {
    const { status, headers, body } = await create({ usd_limit: 5 })
    const url = `http://models.example.com/v1/batches/${body.id}`
    expect(status).toBe(201)
    expect(headers.location).toBe(url)
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/),
      kind: "inputs",
      model: `${model.owner}/${model.name}`,
      version: version.id,
      status: "running",
      total: 2,
      begun: 0,
      usd_limit: 5,
      created_at: expect.any(String),
      stopped_at: null,
      urls: {
        get: url,
        cancel: `${url}/cancel`,
        results: `${url}/results`,
        web: `http://models.example.com/batches/${body.id}`,
      },
    })
    // With a spending limit and an unknown cost, only one input runs at first.
    for (let n = 0; n < 2; n++) {
      await advanceBatches()
      await finish(body.id)
    }
    await advanceBatches()
    expect((await call("GET", `/v1/batches/${body.id}`)).body).toMatchObject({
      status: "done",
      begun: 2,
      runs: { succeeded: 2, failed: 0, refused: 0 },
      cost_usd: 0.5,
    })
    const results = await call("GET", `/v1/batches/${body.id}/results`)
    expect(results.headers["content-type"]).toBe("application/jsonl; charset=utf-8")
    expect(linesOf(results.text).map(({ place, prediction }) => [place, prediction.input, prediction.output])).toEqual(
      inputs.map((input, n) => [n + 1, input, "done"]),
    )
  })

  test("an estimate validates the inputs and runs nothing", async () => {
    const estimate = await call("POST", "/v1/batches/estimate", { body: { version: version.id, inputs } })
    expect(estimate).toMatchObject({ status: 200, body: { inputs: 2, usd: null, seconds: null } })
    const before = (await call("GET", "/v1/batches")).body.results.length
    const wrong = await create({ inputs: [{ text: "fine" }, {}] })
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: "/inputs" }] } })
    expect(wrong.body.detail).toMatch(/Input 2: .*text/)
    expect((await create({ version: "0".repeat(64) })).status).toBe(422)
    expect((await create({ inputs: [] })).status).toBe(400)
    expect((await create({ version: undefined })).body.errors).toEqual([
      { pointer: "/version", detail: "Name the version to run." },
    ])
    expect((await call("GET", "/v1/batches")).body.results).toHaveLength(before)
  })

  test("a cancelled batch begins nothing more, and its runs end", async () => {
    const { body } = await create()
    await advanceBatches()
    expect((await call("POST", `/v1/batches/${body.id}/cancel`)).body).toMatchObject({
      status: "canceled",
      runs: { canceled: 2 },
    })
    expect((await call("POST", `/v1/batches/${body.id}/cancel`)).body.status).toBe("canceled")
  })

  test("the list is in pages, newest first", async () => {
    const account = (await anAccount()).actor
    const token = await aToken(account)
    const own = await aModel(account)
    const of = await aVersion(account, own, { openapi_schema })
    const made: string[] = []
    for (let n = 0; n < 26; n++) {
      const { body } = await create({ version: of.id }, { token })
      made.unshift(body.id)
      await call("POST", body.urls.cancel, { token })
    }
    const first = await call("GET", "/v1/batches", { token })
    const second = await call("GET", first.body.next, { token })
    const idsOf = ({ body }: typeof first) => body.results.map(({ id }: { id: string }) => id)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(made)
    expect(idsOf(await call("GET", second.body.previous, { token }))).toEqual(idsOf(first))
  })

  test("batches of others are not there, and a token that only reads starts none", async () => {
    const { body } = await create()
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/results"],
      ["POST", "/cancel"],
    ] as const)
      expect((await call(method, `/v1/batches/${body.id}${path}`, { token: bobs })).status).toBe(404)
    expect((await call("GET", "/v1/batches", { token: bobs })).body.results).toEqual([])
    // To a stranger the version of a private model does not exist.
    expect((await create({}, { token: bobs })).status).toBe(422)
    const reads = (await issueToken(alice, { name: "reads", scopes: ["read"] })).secret
    expect((await create({}, { token: reads })).status).toBe(403)
    expect((await call("POST", `/v1/batches/${body.id}/cancel`, { token: reads })).status).toBe(403)
    await call("POST", `/v1/batches/${body.id}/cancel`)
  })

  test("what a token began ends with it", async () => {
    const { secret, token } = await issueToken(alice, { name: "ci" })
    const { body } = await create({ inputs: Array.from({ length: 10 }, () => inputs[0]) }, { token: secret })
    await advanceBatches()
    await revokeToken(alice, token.id)
    await finish(body.id)
    await advanceBatches()
    expect((await call("GET", `/v1/batches/${body.id}`)).body).toMatchObject({
      status: "refused",
      runs: { succeeded: 8, refused: 1 },
    })
  })

  test("a batch of an organization is its own", async () => {
    const { organization, actor } = await anOrganization()
    const token = (await issueToken(actor, { name: "ci" }, organization)).secret
    const own = await aModel(actor, { owner: organization.username, visibility: "private" })
    const of = await aVersion(actor, own, { openapi_schema })
    const { status, body } = await create({ version: of.id }, { token })
    expect(status).toBe(201)
    await advanceBatches()
    expect((await call("GET", `/v1/batches/${body.id}`, { token })).body.runs.starting).toBe(2)
    expect((await call("GET", `/v1/batches/${body.id}`)).status).toBe(404)
    await call("POST", `/v1/batches/${body.id}/cancel`, { token })
  })
})

describe("trials", () => {
  test("a version is tried on the examples by API, compared, and then made stable", async () => {
    const of = await aModel(alice)
    const url = `/v1/models/${of.owner}/${of.name}`
    const old = await aVersion(alice, of, { openapi_schema })
    const run = await createPrediction(
      alice,
      { version: "named" },
      { version: old.id, input: { text: "shown" } },
      { origin: "" },
    )
    const example = (await endPrediction(run, { status: "succeeded", output: "before" }))!.id
    await addExample(alice, of.owner, of.name, example)
    const image = anImage({ labels: cogLabels({ "run.cog.openapi_schema": JSON.stringify(openapi_schema) }) })
    await pushImage(registry, `${of.owner}/${of.name}`, basic(of.owner, await aToken(alice)), image)
    const next = { id: image.digest.slice(7) }

    const started = await call("POST", `${url}/versions/${next.id}/trials`, { body: { of: "examples" } })
    expect(started).toMatchObject({ status: 201, body: { kind: "trial", version: next.id, total: 1 } })
    await advanceBatches()
    await finish(started.body.id, "after")
    await advanceBatches()
    const trial = await call("GET", started.body.urls.get.replace("http://models.example.com", ""))
    expect(trial.body).toMatchObject({ status: "done", runs: { succeeded: 1, failed: 0 } })
    const [line] = linesOf((await call("GET", `/v1/batches/${trial.body.id}/results`)).text)
    expect(line).toMatchObject({
      base: { id: example, output: "before" },
      prediction: { version: next.id, input: { text: "shown" }, output: "after" },
    })

    expect((await call("PUT", `${url}/aliases/stable`, { body: { version: next.id } })).status).toBe(200)
    const ran = await call("POST", `${url}/predictions`, { body: { input: { text: "now" } } })
    expect(ran.body.version).toBe(next.id)
  })

  test("a trial needs a version, and runs of others", async () => {
    const url = (id: string) => `/v1/models/${model.owner}/${model.name}/versions/${id}/trials`
    expect((await call("POST", url("0".repeat(64)), { body: { of: "examples" } })).status).toBe(404)
    expect((await call("POST", url(version.id), { body: { of: "examples" }, token: bobs })).status).toBe(404)
    const nothing = await call("POST", url(version.id), { body: { of: "examples" } })
    expect(nothing).toMatchObject({ status: 400, body: { errors: [{ pointer: "/of" }] } })
    expect((await call("POST", url(version.id), { body: { of: "all" } })).body.errors).toEqual([
      { pointer: "/of", detail: "Say examples or runs." },
    ])
  })
})
