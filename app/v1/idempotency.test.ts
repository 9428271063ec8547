import { beforeAll, describe, expect, test } from "vitest"
import { eq } from "drizzle-orm"

import { closeDatabase, read, write } from "@/db"
import { idempotency_keys } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { claimKey, settleKey } from "@/lib/idempotency/idempotency"
import { listModelsOf } from "@/lib/models/model"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aName, anAccount, aToken, modelInput } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import type { Account } from "@/lib/owners/owner"

let alice: Actor
let owner: Account
let call: CallApi

beforeAll(async () => {
  ;({ actor: alice, owner } = await anAccount())
  ;({ call } = await apiFor(await aToken(alice)))
})

const create = (key: string, body: unknown, more: { token?: string; url?: string } = {}) =>
  call("POST", more.url ?? "/v1/models", { body, token: more.token, headers: { "idempotency-key": key } })

const longAgo = "2020-01-01T00:00:00.000000Z"
const update = (key: string, fields: Partial<typeof idempotency_keys.$inferSelect>) =>
  write(async (tx) => {
    await tx.update(idempotency_keys).set(fields).where(eq(idempotency_keys.key, key))
  })

const kept = async () => (await read().select().from(idempotency_keys)).length
const names = async () => (await listModelsOf(alice, owner)).rows.map(({ name }) => name)

describe("the same key", () => {
  test("with the same body gets the same answer, and nothing is done twice", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    const first = await create(key, body)
    const again = await create(key, body)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(first.headers["idempotent-replayed"]).toBeUndefined()
    expect(again.headers).toMatchObject({
      "idempotent-replayed": "true",
      "content-type": first.headers["content-type"],
    })
    expect((await names()).filter((name) => name === body.name)).toHaveLength(1)
  })

  test("with another body or another address is a 422 that leaves everything as it is", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    await create(key, body)
    const other = modelInput(alice)
    const refusal = await create(key, other)
    expect([refusal.status, refusal.body.detail]).toEqual([
      422,
      "This Idempotency-Key was used for another request. Use a new key for every new request.",
    ])
    expect((await create(key, body, { url: "/v1/models?x=1" })).status).toBe(422)
    expect(await names()).not.toContain(other.name)
    expect((await create(key, body)).status).toBe(201)
  })

  test("64 at once: one model, 64 equal answers", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    const answers = await Promise.all(Array.from({ length: 64 }, () => create(key, body)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(63)
    expect((await names()).filter((name) => name === body.name)).toHaveLength(1)
  })

  test("of another account is another key", async () => {
    const bob = (await anAccount()).actor
    const [key, token] = [aName(), await aToken(bob)]
    expect((await create(key, modelInput(alice))).status).toBe(201)
    expect((await create(key, modelInput(bob), { token })).status).toBe(201)
  })

  test("repeats refusals of the request itself", async () => {
    const [key, body] = [aName(), modelInput(alice, { hardware: "gpu-z80" })]
    const first = await create(key, body)
    const again = await create(key, body)
    expect([first.status, again.status, again.headers["idempotent-replayed"]]).toEqual([400, 400, "true"])
    expect(again.text).toBe(first.text)
    expect(again.headers["content-type"]).toBe(first.headers["content-type"])
  })

  test("survives a restart", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    const first = await create(key, body)
    await closeDatabase()
    const { call: afterwards } = await apiFor(await aToken(alice))
    const again = await afterwards("POST", "/v1/models", { body, headers: { "idempotency-key": key } })
    expect([again.status, again.text]).toEqual([first.status, first.text])
  })

  test("shows nothing to a token that may not write", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    await create(key, body)
    expect((await create(key, body, { token: await aToken(alice, { scopes: ["read"] }) })).status).toBe(403)
  })

  test("of a run gets it as it is now, because its data may have been deleted", async () => {
    const { version } = await aTestModel(alice)
    const [key, body] = [aName(), { version: version.id, input: { text: "to be forgotten" } }]
    const run = () => create(key, body, { url: "/v1/predictions" })
    const first = await run()
    expect([first.status, first.body.input.text]).toEqual([201, "to be forgotten"])
    const [row] = await read().select().from(idempotency_keys).where(eq(idempotency_keys.key, key))
    expect(JSON.stringify(row)).not.toContain("forgotten")

    expect((await call("DELETE", `/v1/predictions/${first.body.id}`)).status).toBe(204)
    const again = await run()
    expect(again).toMatchObject({
      status: 201,
      headers: { "idempotent-replayed": "true", location: first.headers.location },
      body: { id: first.body.id, status: "canceled", input: {}, data_removed: true },
    })
  })

  test("is forgotten after 24 hours", async () => {
    const [key, body] = [aName(), modelInput(alice)]
    await create(key, body)
    const [row] = await read().select().from(idempotency_keys).where(eq(idempotency_keys.key, key))
    expect((Date.parse(row!.expires_at) - Date.now()) / 3600_000).toBeCloseTo(24, 1)
    await update(key, { expires_at: longAgo })
    const later = await create(key, body)
    expect([later.status, later.headers["idempotent-replayed"]]).toEqual([409, undefined])
  })
})

test.each([
  ["", 400],
  ["x".repeat(255), 201],
  ["x".repeat(256), 400],
])("a key of that length: %#", async (key, status) => {
  expect((await create(key, modelInput(alice))).status).toBe(status)
})

test("without a key, and where nothing is posted, nothing is kept", async () => {
  const before = await kept()
  await call("POST", "/v1/models", { body: modelInput(alice) })
  await call("GET", "/v1/account", { headers: { "idempotency-key": aName() } })
  expect(await kept()).toBe(before)
})

describe("between processes", () => {
  test("who comes second waits for the first", async () => {
    const key = aName()
    const first = await claimKey(alice, key, "request")
    if ("status" in first) throw new Error("The key is new.")
    const second = claimKey(alice, key, "request")
    const answer = { status: 201, headers: { location: "/x" }, body: "{}" }
    await settleKey(first, answer)
    expect(await second).toEqual(answer)
  })

  test.each([500, 503, 429, 401])("after a %i the second one may do the work", async (status) => {
    const key = aName()
    const first = await claimKey(alice, key, "request")
    if ("status" in first) throw new Error("The key is new.")
    const second = claimKey(alice, key, "request")
    await settleKey(first, { status, headers: {}, body: "" })
    expect(await second).toMatchObject({ key })
  })

  test("the work of a process that died is taken over", async () => {
    const key = aName()
    await claimKey(alice, key, "request")
    await update(key, { claimed_until: longAgo })
    expect(await claimKey(alice, key, "request")).toMatchObject({ key })
  })
})
