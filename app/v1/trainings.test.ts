import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aMember, aModel, anAccount, anOrganization, aToken, aVersion } from "@/lib/test/factories"
import { createTraining, getTraining } from "@/lib/trainings/training"
import type { Version } from "@/lib/versions/version"

const trainable = {
  openapi: "3.0.2",
  components: {
    schemas: {
      Input: { type: "object", properties: { prompt: { type: "string" } } },
      Output: { type: "string" },
      TrainingInput: {
        type: "object",
        required: ["train_data"],
        properties: {
          train_data: { type: "string", format: "uri" },
          epochs: { type: "integer", minimum: 1, default: 2 },
          key: { type: "string", format: "password", "x-cog-secret": true },
        },
      },
      TrainingOutput: { type: "object", properties: { weights: { type: "string", format: "uri" } } },
    },
  },
}

let call: CallApi
let alice: Actor
let bobs: string
let trainer: Model
let version: Version
let destination: Model
let url: string
beforeAll(async () => {
  alice = (await anAccount()).actor
  const bob = (await anAccount()).actor
  bobs = await aToken(bob)
  call = (await apiFor(await aToken(alice))).call
  trainer = await aModel(bob)
  version = await aVersion(bob, trainer, { openapi_schema: trainable })
  destination = await aModel(alice)
  url = trainingsOf(trainer, version)
})

const trainingsOf = ({ owner, name }: Model, { id }: Version) => `/v1/models/${owner}/${name}/versions/${id}/trainings`
const fullName = ({ owner, name }: Model) => `${owner}/${name}`
const input = { train_data: "https://example.com/data.zip" }
const create = (body: object = {}, options: Parameters<CallApi>[2] = {}) =>
  call("POST", url, { body: { destination: fullName(destination), input, ...body }, ...options })

describe("creating", () => {
  test("answers 201 with the object as it is documented, its destination, and where it is", async () => {
    const { status, headers, body } = await create({ webhook: "https://example.com/hook" })
    const origin = "http://models.example.com"
    expect(status).toBe(201)
    expect(headers.location).toBe(`${origin}/v1/trainings/${body.id}`)
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/),
      model: fullName(trainer),
      version: version.id,
      destination: fullName(destination),
      input: { ...input, epochs: 2 },
      logs: "",
      output: null,
      data_removed: false,
      error: null,
      source: "api",
      status: "starting",
      created_at: expect.any(String),
      webhook: "https://example.com/hook",
      urls: {
        get: `${origin}/v1/trainings/${body.id}`,
        cancel: `${origin}/v1/trainings/${body.id}/cancel`,
        web: `${origin}/trainings/${body.id}`,
      },
    })
    expect((await call("GET", `/v1/trainings/${body.id}`)).body).toEqual(body)
    expect((await call("GET", `/v1/predictions/${body.id}`)).body).toEqual(body)
  })

  test.each<[string, () => unknown]>([
    ["that is not there", () => `${alice.username}/nothing`],
    ["of somebody else", () => fullName(trainer)],
    ["that is no name", () => "hotdog"],
    ["with a version", () => `${fullName(destination)}:${version.id}`],
  ])("refuses a destination %s in the words clients know", async (_, of) => {
    expect(await create({ destination: of() })).toMatchObject({
      status: 404,
      body: { detail: "The specified training destination does not exist", status: 404 },
    })
  })

  test("refuses a version that cannot be trained, and says so", async () => {
    const plain = await aVersion(alice, destination)
    const answer = await call("POST", trainingsOf(destination, plain), {
      body: { destination: fullName(destination), input: {} },
    })
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining("cannot be trained") } })
  })

  test("says at once everything that is wrong with a body", async () => {
    const { status, body } = await call("POST", url, {
      body: { version: "x", webhook: "ftp://x", cost_limit_usd: "free" },
    })
    expect(status).toBe(422)
    expect(body.detail).toContain("destination is required")
    expect(body.detail).toContain("input is required")
    expect(body.detail).toContain("Additional property version is not allowed")
    expect(body.detail).toContain("cost_limit_usd: Enter an amount in US dollars")
  })

  test.each([
    [{}, "train_data is required"],
    [{ train_data: "", epochs: 1 }, "train_data"],
    [{ ...input, epochs: 0 }, "epochs"],
  ])("checks %j against what the version trains on", async (given, complaint) => {
    const { status, body } = await create({ input: given })
    expect([status, body.detail]).toEqual([422, expect.stringContaining(complaint)])
  })

  test("a version or a model that is not there is 404", async () => {
    const body = { destination: fullName(destination), input }
    expect(await call("POST", url.replace(version.id, "0".repeat(64)), { body })).toMatchObject({ status: 404 })
    expect(await call("POST", url.replace(trainer.name, "nothing"), { body })).toMatchObject({ status: 404 })
  })

  test("shows no secret, and takes a limit to what it may cost", async () => {
    const { body } = await create({ input: { ...input, key: "sk-1" }, cost_limit_usd: 2.5 })
    expect(body).toMatchObject({ input: { key: "**********" }, cost_limit_usd: 2.5 })
  })

  test("a token that only reads trains nothing", async () => {
    expect(await create({}, { token: await aToken(alice, { scopes: ["read"] }) })).toMatchObject({ status: 403 })
  })
})

describe("who may", () => {
  test("to a stranger a training is not there", async () => {
    const { body } = await create()
    for (const [method, path] of [
      ["GET", `/v1/trainings/${body.id}`],
      ["GET", `/v1/predictions/${body.id}`],
      ["POST", `/v1/trainings/${body.id}/cancel`],
    ] as const)
      expect(await call(method, path, { token: bobs })).toMatchObject({ status: 404 })
    expect((await call("GET", "/v1/trainings", { token: bobs })).body.results).toEqual([])
  })

  test("members who may push train for an organization, which it belongs to; those who look only do not", async () => {
    const { organization, actor } = await anOrganization()
    const [viewer, developer] = [
      await aMember(actor, organization, "viewer"),
      await aMember(actor, organization, "developer"),
    ]
    const model = await aModel(actor, { owner: organization.username })
    const train = (by: Actor) =>
      createTraining(
        by,
        { owner: trainer.owner, name: trainer.name, id: version.id },
        { destination: fullName(model), input },
        { origin: "" },
      )
    await expect(train(viewer)).rejects.toMatchObject({ kind: "forbidden" })
    const made = await train(developer)
    expect(made).toMatchObject({ owner_id: organization.id, created_by: developer.owner_id })
    expect(await getTraining(viewer, made.id)).toMatchObject({ id: made.id })
  })

  test("a private trainer is for those who see it", async () => {
    const hidden = await aModel((await anAccount()).actor, { visibility: "private" })
    const body = { destination: fullName(destination), input }
    expect(await call("POST", trainingsOf(hidden, version), { body })).toMatchObject({ status: 404 })
  })
})

test("trainings and predictions have lists of their own, and a prediction is no training", async () => {
  const training = (await create()).body
  const prediction = (await call("POST", "/v1/predictions", { body: { version: version.id, input: {} } })).body
  const ids = async (path: string) => (await call("GET", path)).body.results.map(({ id }: { id: string }) => id)
  expect(await ids("/v1/trainings")).toContain(training.id)
  expect(await ids("/v1/trainings")).not.toContain(prediction.id)
  expect(await ids("/v1/predictions")).not.toContain(training.id)
  expect(await call("GET", `/v1/trainings/${prediction.id}`)).toMatchObject({ status: 404 })
  expect(await call("POST", `/v1/trainings/${prediction.id}/cancel`)).toMatchObject({ status: 404 })
})

test.each(["trainings", "predictions"])("is cancelled below /v1/%s, once and for all", async (below) => {
  const { body } = await create()
  const canceled = await call("POST", `/v1/${below}/${body.id}/cancel`)
  expect(canceled).toMatchObject({ status: 200, body: { status: "canceled", destination: fullName(destination) } })
  expect((await call("GET", `/v1/trainings/${body.id}`)).body).toEqual(canceled.body)
})

test("the destination may be deleted, and its trainings stay", async () => {
  const gone = await aModel(alice, { visibility: "private" })
  const { body } = await create({ destination: fullName(gone) })
  expect(await call("DELETE", `/v1/models/${fullName(gone)}`)).toMatchObject({ status: 204 })
  expect((await call("GET", `/v1/trainings/${body.id}`)).body).toMatchObject({ destination: fullName(gone) })
})
