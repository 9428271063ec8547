import { eq } from "drizzle-orm"
import { beforeAll, describe, expect, test, vi } from "vitest"

import { read, write } from "@/db"
import { deliveries, predictions } from "@/db/schema"
import { env } from "@/env"
import { fromNow } from "@/lib/clock"
import { newId } from "@/lib/id"
import type { Actor } from "@/lib/auth/actor"
import { countNewRuns } from "@/lib/predictions/count-store"
import { cancelNow, endPrediction } from "@/lib/predictions/end"
import { createPrediction } from "@/lib/predictions/create"
import { cancelPrediction, getPrediction, listPredictions } from "@/lib/predictions/prediction"
import { deletedVersionsJob } from "@/lib/predictions/deleted-versions"
import { removeExpiredData } from "@/lib/predictions/retention"
import type { Model } from "@/lib/models/model"
import { renameModel } from "@/lib/models/rename"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aMember, aModel, anAccount, anOrganization, aToken, aVersion } from "@/lib/test/factories"
import { anImage, aRegistry, basic, pushImage } from "@/lib/test/registry"
import type { Version } from "@/lib/versions/version"

const schema = (properties: object, required: string[] = [], Output: object = { type: "string" }) => ({
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object", properties, required }, Output } },
})
const text = { type: "string", "x-order": 0 }

let call: CallApi
let alice: Actor
let bob: Actor
let bobs: string
let model: Model
let version: Version
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
  bobs = await aToken(bob)
  call = (await apiFor(await aToken(alice))).call
  model = await aModel(alice)
  version = await aVersion(alice, model, { openapi_schema: schema({ text, seed: { type: "integer" } }, ["text"]) })
})

const path = (id: string) => `/v1/predictions/${id}`
const create = (body: object = {}, options: Parameters<CallApi>[2] = {}) =>
  call("POST", "/v1/predictions", { body: { version: version.id, input: { text: "Alice" }, ...body }, ...options })
const finish = async (id: string, outcome: Partial<Parameters<typeof endPrediction>[1]> = {}) =>
  endPrediction(await getPrediction(alice, id), { status: "succeeded", output: "hello Alice", ...outcome })

describe("creating", () => {
  test("keeps a number that JavaScript would round as it was sent", async () => {
    const raw = `{"version":"${version.id}","input":{"text":"1e400","seed":18446744073709551615}}`
    const { status, body, text } = await call("POST", "/v1/predictions", { raw })
    expect([status, text]).toEqual([201, expect.stringContaining('"seed":18446744073709551615')])
    expect((await call("GET", path(body.id))).text).toContain('"input":{"text":"1e400","seed":18446744073709551615}')
  })

  test("answers 201 with the object as it is documented, and where it is", async () => {
    const { status, headers, body } = await create()
    const origin = "http://models.example.com"
    expect(status).toBe(201)
    expect(headers).toMatchObject({ location: `${origin}${path(body.id)}`, "cache-control": "no-store" })
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/),
      model: `${model.owner}/${model.name}`,
      version: version.id,
      input: { text: "Alice" },
      logs: "",
      output: null,
      data_removed: false,
      error: null,
      source: "api",
      status: "starting",
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      urls: {
        get: `${origin}${path(body.id)}`,
        cancel: `${origin}${path(body.id)}/cancel`,
        web: `${origin}/p/${body.id}`,
      },
    })
    expect((await call("GET", path(body.id))).body).toEqual(body)
  })

  test.each<[string, () => string]>([
    ["64 digits", () => version.id],
    ["owner/name:id", () => `${model.owner}/${model.name}:${version.id}`],
    ["owner/name", () => `${model.owner}/${model.name}`],
  ])("takes a version as %s", async (_, reference) => {
    expect(await create({ version: reference() })).toMatchObject({ status: 201, body: { version: version.id } })
  })

  test.each<[string, () => string]>([
    ["that is none", () => "latest"],
    ["that nobody pushed", () => "0".repeat(64)],
    ["of another model", () => `${model.owner}/other:${version.id}`],
    ["by a name it does not have", () => `${model.owner}/${model.name}@nothing`],
  ])("refuses a version %s in the words clients know", async (_, reference) => {
    expect(await create({ version: reference() })).toMatchObject({
      status: 422,
      body: {
        title: "Invalid version or not permitted",
        detail: "The specified version does not exist (or perhaps you don't have permission to use it?)",
      },
    })
  })

  test("the address of a model runs its latest version", async () => {
    const body = { input: { text: "Bob" } }
    const url = `/v1/models/${model.owner}/${model.name}/predictions`
    expect(await call("POST", url, { body })).toMatchObject({ status: 201, body: { version: version.id } })
    expect(await call("POST", `/v1/models/${model.owner}/nothing/predictions`, { body })).toMatchObject({ status: 404 })
    const empty = await aModel(alice)
    expect(await call("POST", `/v1/models/${empty.owner}/${empty.name}/predictions`, { body })).toMatchObject({
      status: 422,
      body: { detail: `${empty.owner}/${empty.name} has no version yet. Push one first.` },
    })
  })

  test("everything that is wrong with a body is said at once", async () => {
    const { status, body } = await call("POST", "/v1/predictions", {
      body: { model: "a/b", webhook: "ftp://x", webhook_events_filter: ["begun"], lifetime: "1s" },
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ title: "Input validation failed", status: 422 })
    expect(body.invalid_fields).toEqual(
      expect.arrayContaining([
        { type: "required", field: "", description: "version is required" },
        { type: "required", field: "", description: "input is required" },
        { type: "additional_property_not_allowed", field: "", description: "Additional property model is not allowed" },
      ]),
    )
    expect(body.detail).toMatch(/^- version is required\n- input is required\n- webhook: Does not match format 'uri'/)
  })

  test("everything that is wrong with an input is said at once, and nothing is kept", async () => {
    const before = (await call("GET", "/v1/predictions")).body.results.length
    const { status, body } = await create({ input: { seed: "many" } })
    expect(status).toBe(422)
    expect(body.invalid_fields.map(({ type }: { type: string }) => type)).toEqual(["required", "invalid_type"])
    expect((await call("GET", "/v1/predictions")).body.results.length).toBe(before)
  })

  test("a secret is shown to nobody", async () => {
    const holder = await aVersion(alice, model, {
      openapi_schema: schema({ text, key: { type: "string", format: "password", "x-cog-secret": true } }),
    })
    const { body } = await create({ version: holder.id, input: { text: "a", key: "sk-123" } })
    expect(body.input).toEqual({ text: "a", key: "**********" })
    expect(JSON.stringify(await getPrediction(alice, body.id))).not.toContain("sk-123")
  })

  test("a secret is nowhere in the database, and in no list and no webhook", async () => {
    const holder = await aVersion(alice, model, {
      openapi_schema: schema({ text, key: { type: "string", format: "password", "x-cog-secret": true } }),
    })
    const told = { webhook: "https://example.com/told", webhook_events_filter: ["start", "completed"] }
    const { body } = await create({ version: holder.id, input: { text: "a", key: "sk-456" }, ...told })
    await finish(body.id, { logs: "done\n" })
    const [rows, owed] = [await read().select().from(predictions), await read().select().from(deliveries)]
    expect(JSON.stringify(owed)).toContain(body.id)
    for (const kept of [rows, owed]) expect(JSON.stringify(kept)).not.toContain("sk-456")
    for (const url of ["/v1/predictions", path(body.id)]) {
      const { text: shown } = await call("GET", url)
      expect(shown).toContain('"key":"**********"')
      expect(shown).not.toContain("sk-456")
    }
  })

  test("an iterator has the address of a stream, which needs no token", async () => {
    const iterator = { type: "array", "x-cog-array-type": "iterator" }
    const [texts, files] = await Promise.all(
      [{ type: "string" }, { type: "string", format: "uri" }].map((items) =>
        aVersion(alice, model, { openapi_schema: schema({}, [], { ...iterator, items }) }),
      ),
    )
    const addressOf = async ({ id }: Version) => (await create({ version: id })).body.urls.stream
    expect(await addressOf(texts!)).toMatch(/^http:\/\/models.example.com\/v1\/streams\/[\w-]{50}$/)
    expect(await addressOf(files!)).toMatch(/^http:\/\/models.example.com\/v1\/files\/[\w-]{50}\/stream$/)
  })

  test.each([
    [{ lifetime: 90 }, {}, 90],
    [{ lifetime: "1h30m" }, {}, 5400],
    [{}, { "cancel-after": "30s" }, 30],
  ])("%j and %j give it a deadline", async (fields, headers, seconds) => {
    const { body } = await create(fields, { headers: headers as Record<string, string> })
    expect(Date.parse(body.deadline) - Date.parse(body.created_at)).toBeCloseTo(seconds * 1000, -3)
  })

  test("a webhook is echoed, with what it is told", async () => {
    const webhook = "https://example.com/hook"
    expect((await create({ webhook, webhook_events_filter: ["completed", "start"] })).body).toMatchObject({
      webhook,
      webhook_events_filter: ["start", "completed"],
    })
    expect((await create({ webhook_completed: webhook })).body).toMatchObject({
      webhook,
      webhook_events_filter: ["completed"],
    })
  })

  test("a key makes it once, however often it is sent", async () => {
    const headers = { "idempotency-key": "one" }
    const [first, second] = [await create({}, { headers }), await create({}, { headers })]
    expect(second.body).toEqual(first.body)
    expect(second.headers["idempotent-replayed"]).toBe("true")
  })

  test("an account has only so many that are not over, and is told when to come again", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor)
    env.PREDICTIONS_PER_ACCOUNT = 2
    const made = [await create({}, { token }), await create({}, { token })]
    expect(made.map(({ status }) => status)).toEqual([201, 201])
    expect(await create({}, { token })).toMatchObject({ status: 429, headers: { "retry-after": "5" } })
    await call("POST", `${path(made[0]!.body.id)}/cancel`, { token })
    expect(await create({}, { token })).toMatchObject({ status: 201 })
    env.PREDICTIONS_PER_ACCOUNT = 20_000
  })

  test("so has a token, and another one of the account has its own", async () => {
    const { actor } = await anAccount()
    const [token, other] = [await aToken(actor), await aToken(actor)]
    env.PREDICTIONS_PER_TOKEN = 1
    try {
      const { status, body } = await create({}, { token })
      expect(status).toBe(201)
      const refused = await create({}, { token })
      expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "5" } })
      expect(refused.body.detail).toContain("This token has 1 queued or running predictions")
      expect(await create({}, { token: other })).toMatchObject({ status: 201 })
      await call("POST", `${path(body.id)}/cancel`, { token })
      expect(await create({}, { token })).toMatchObject({ status: 201 })
    } finally {
      env.PREDICTIONS_PER_TOKEN = 0
    }
  })

  test("older clients may say that they stream, and the header says when to cancel rather than the body", async () => {
    const headers = { "cancel-after": "60s" }
    const { status, body } = await create({ stream: true, lifetime: "2h" }, { headers })
    expect(status).toBe(201)
    expect(body).not.toHaveProperty("stream")
    expect(Math.round((Date.parse(body.deadline) - Date.parse(body.created_at)) / 1000)).toBe(60)
    const later = (await create({ lifetime: "2h" })).body
    expect(Math.round((Date.parse(later.deadline) - Date.parse(later.created_at)) / 1000)).toBe(7200)
    expect(await create({ stream: "yes" })).toMatchObject({ status: 422 })
  })
})

describe("who may", () => {
  test("to a stranger a prediction is not there, whatever it is of", async () => {
    const { body } = await create()
    for (const [method, url] of [
      ["GET", path(body.id)],
      ["POST", `${path(body.id)}/cancel`],
      ["PATCH", path(body.id)],
      ["DELETE", path(body.id)],
    ] as const) {
      const mine = await call(method, url, { token: bobs, ...(method === "PATCH" && { body: { kept: true } }) })
      const none = await call(method, url.replace(body.id, "0".repeat(26)), {
        token: bobs,
        ...(method === "PATCH" && { body: { kept: true } }),
      })
      expect(mine.status).toBe(404)
      expect(mine.body).toEqual(none.body)
    }
    expect((await call("GET", "/v1/predictions", { token: bobs })).body.results).toEqual([])
  })

  test("a private model runs for its owner alone, and is absent to others", async () => {
    const hidden = await aModel(alice, { visibility: "private" })
    const { id } = await aVersion(alice, hidden, { openapi_schema: schema({ text }) })
    const url = `/v1/models/${hidden.owner}/${hidden.name}/predictions`
    const body = { input: { text: "a" } }
    expect(await call("POST", url, { body })).toMatchObject({ status: 201 })
    expect(await call("POST", url, { body, token: bobs })).toMatchObject({ status: 404 })
    for (const reference of [id, `${hidden.owner}/${hidden.name}`])
      expect(await create({ version: reference }, { token: bobs })).toMatchObject({ status: 422 })
  })

  test("members see what an organization ran, and those who look only cancel nothing", async () => {
    const { organization, actor } = await anOrganization()
    const viewer = await aMember(actor, organization, "viewer")
    const { id } = await createPrediction(
      actor,
      { version: "named" },
      { version: version.id, input: { text: "a" } },
      { account: organization, origin: "" },
    )
    expect(await getPrediction(viewer, id)).toMatchObject({ id, owner_id: organization.id })
    await expect(cancelPrediction(viewer, id)).rejects.toMatchObject({ kind: "forbidden" })
    expect(await cancelPrediction(actor, id)).toMatchObject({ status: "canceled" })
  })

  test("a token that only reads starts nothing", async () => {
    const token = await aToken(alice, { scopes: ["read"] })
    expect(await create({}, { token })).toMatchObject({ status: 403 })
    expect(await call("GET", "/v1/predictions", { token })).toMatchObject({ status: 200 })
  })
})

test("the output of one that has given nothing yet is null, and of one that ended with nothing an empty list", async () => {
  const { id } = (await create()).body
  await write((tx) => tx.update(predictions).set({ status: "processing", output: [] }).where(eq(predictions.id, id)))
  expect((await call("GET", path(id))).body).toMatchObject({ status: "processing", output: null })
  await finish(id, { output: [] })
  expect((await call("GET", path(id))).body).toMatchObject({ status: "succeeded", output: [] })
})

describe("lists", () => {
  test("are of the account, newest first, in pages of a hundred that go on", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor)
    const ids: string[] = []
    for (let n = 0; n < 103; n++) ids.unshift((await create({}, { token })).body.id)
    const first = (await call("GET", "/v1/predictions", { token })).body
    expect(first.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 100))
    const second = (await call("GET", first.next.replace("http://models.example.com", ""), { token })).body
    expect(second.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(100))
    const back = (await call("GET", second.previous.replace("http://models.example.com", ""), { token })).body
    expect(back.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 100))
  })

  test("are narrowed by time, state, source, model and version", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor)
    const [a, b] = [(await create({}, { token })).body, (await create({}, { token })).body]
    await call("POST", `${path(a.id)}/cancel`, { token })
    const idsOf = async (query: string) =>
      (await call("GET", `/v1/predictions?${query}`, { token })).body.results.map(({ id }: { id: string }) => id)
    expect(await idsOf("status=canceled")).toEqual([a.id])
    expect(await idsOf(`created_after=${b.created_at}`)).toEqual(
      // Dates of clients have millisecond precision.
      b.created_at.slice(0, 23) === a.created_at.slice(0, 23) ? [b.id, a.id] : [b.id],
    )
    expect(await idsOf("created_before=2020-01-01")).toEqual([])
    expect(await idsOf("source=web")).toEqual([])
    expect(await idsOf(`model=${model.owner}/${model.name}&version=${version.id}`)).toEqual([b.id, a.id])
    expect(await idsOf("model=nobody/nothing")).toEqual([])
    expect(await call("GET", "/v1/predictions?created_after=yesterday", { token })).toMatchObject({ status: 400 })
    expect(await call("GET", "/v1/predictions?status=done", { token })).toMatchObject({ status: 400 })
  })

  test("that are narrowed go on where a page ends, also among those of one moment", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor)
    const other = await aModel(actor)
    const others = await aVersion(actor, other, { openapi_schema: schema({}) })
    const first = (await create({}, { token })).body
    const [row] = await read().select().from(predictions).where(eq(predictions.id, first.id))
    const { number: _, ...fields } = row!
    // More than two pages of each kind, with a hundred rows per timestamp, so that pages end among equal timestamps.
    const made = Array.from({ length: 900 }, (_, n) => ({
      ...fields,
      id: newId(),
      created_at: `2026-01-01T00:00:0${Math.floor(n / 100)}.000000Z`,
      source: n % 3 === 0 ? ("web" as const) : ("api" as const),
      ...(n % 4 === 1 && { status: "succeeded" as const, completed_at: "2026-01-02T00:00:00.000000Z" }),
      ...(n % 4 === 2 && { model_id: other.id, version: others.id }),
    }))
    await write((tx) => inBatches(made, (rows) => tx.insert(predictions).values(rows)))

    async function everyPage(query: string) {
      const pages: { ids: string[]; previous: string | null }[] = []
      for (let url: string | null = `/v1/predictions?${query}`; url;) {
        const { body } = await call("GET", url.replace("http://models.example.com", ""), { token })
        pages.push({ ids: body.results.map(({ id }: { id: string }) => id), previous: body.previous })
        url = body.next
      }
      for (const [n, { previous }] of pages.entries()) {
        if (n === 0) expect(previous).toBe(null)
        else {
          const { body } = await call("GET", previous!.replace("http://models.example.com", ""), { token })
          expect(body.results.map(({ id }: { id: string }) => id)).toEqual(pages[n - 1]!.ids)
        }
      }
      for (const { ids } of pages.slice(0, -1)) expect(ids).toHaveLength(100)
      return pages.flatMap(({ ids }) => ids)
    }
    const newestFirst = (which: (one: (typeof made)[number]) => boolean) =>
      made
        .filter(which)
        .map(({ id }) => id)
        .toReversed()

    const before = "created_before=2026-01-03T00:00:00Z"
    expect(await everyPage(before)).toEqual(newestFirst(() => true))
    expect(await everyPage("status=succeeded")).toEqual(newestFirst(({ status }) => status === "succeeded"))
    expect(await everyPage(`source=api&${before}`)).toEqual(newestFirst(({ source }) => source === "api"))
    expect(await everyPage(`model=${other.owner}/${other.name}`)).toEqual(
      newestFirst(({ model_id }) => model_id === other.id),
    )
    expect(await everyPage(`version=${others.id}`)).toEqual(newestFirst(({ version }) => version === others.id))
    expect(await everyPage("created_after=2026-01-01T00:00:03Z&created_before=2026-01-01T00:00:07Z")).toEqual(
      newestFirst(({ created_at }) => created_at >= "2026-01-01T00:00:03" && created_at < "2026-01-01T00:00:07"),
    )
    expect(
      await everyPage(`created_after=2026-01-01T01:00:02%2B01:00&source=api&version=${others.id}&status=starting`),
    ).toEqual(
      newestFirst(
        ({ created_at, source, version }) =>
          created_at >= "2026-01-01T00:00:02" && source === "api" && version === others.id,
      ),
    )
    expect(await everyPage(`version=${others.id}&status=succeeded`)).toEqual([])
  })
})

test("of those made on the web, the list has the last 14 days", async () => {
  const { actor } = await anAccount()
  const token = await aToken(actor)
  const { id } = (await create({}, { token })).body
  const [row] = await read().select().from(predictions).where(eq(predictions.id, id))
  const { number: _, ...fields } = row!
  const made = [1, 13, 15, 100].map((days) => ({
    ...fields,
    id: newId(),
    source: "web" as const,
    created_at: fromNow(-days * 24 * 3600),
  }))
  await write((tx) => tx.insert(predictions).values(made))
  const idsOf = async (query: string) =>
    (await call("GET", `/v1/predictions?${query}`, { token })).body.results.map((one: { id: string }) => one.id)
  const [yesterday, older, old, oldest] = made.map((one) => one.id)
  expect(await idsOf("source=web")).toEqual([yesterday, older])
  expect(await idsOf("source=web&created_after=2020-01-01")).toEqual([yesterday, older])
  expect(await idsOf(`source=web&created_after=${fromNow(-5 * 24 * 3600)}`)).toEqual([yesterday])
  expect(await idsOf("")).toEqual([id, yesterday, older, old, oldest])
  expect(await call("GET", "/v1/predictions?source=cli", { token })).toMatchObject({ status: 400 })
})

/** Inserts rows in statements that are small enough for both databases. */
async function inBatches<T>(rows: T[], insert: (rows: T[]) => PromiseLike<unknown>) {
  for (let from = 0; from < rows.length; from += 100) await insert(rows.slice(from, from + 100))
}

describe("cancelling", () => {
  test("ends one that waits at once", async () => {
    const { body } = await create()
    const canceled = await call("POST", `${path(body.id)}/cancel`)
    expect(canceled).toMatchObject({ status: 200, body: { status: "canceled", error: null, output: null } })
    expect(canceled.body.completed_at > body.created_at).toBe(true)
    expect((await call("GET", path(body.id))).body).toEqual(canceled.body)
  })

  test("leaves one that is over as it is", async () => {
    const { body } = await create()
    await finish(body.id)
    const done = (await call("GET", path(body.id))).body
    expect(done).toMatchObject({
      status: "succeeded",
      output: "hello Alice",
      metrics: { total_time: expect.any(Number) },
    })
    expect(await call("POST", `${path(body.id)}/cancel`)).toMatchObject({ status: 200, body: done })
  })
})

describe("waiting", () => {
  test("answers once it is over", async () => {
    const answer = create({}, { headers: { prefer: "wait=30" } })
    const id = await vi.waitFor(
      async () => {
        const [newest] = (await listPredictions(alice)).rows
        expect(newest).toMatchObject({ status: "starting" })
        return newest!.id
      },
      { timeout: 30_000 },
    )
    await finish(id)
    expect(await answer).toMatchObject({
      status: 201,
      headers: { "preference-applied": "wait=30" },
      body: { id, status: "succeeded", output: "hello Alice" },
    })
  })

  test("answers when the time is over, as starting", async () => {
    const began = Date.now()
    expect(await create({}, { headers: { prefer: "wait=1" } })).toMatchObject({
      status: 201,
      body: { status: "starting" },
    })
    expect(Date.now() - began).toBeGreaterThan(900)
  })
})

describe("data", () => {
  test("is removed when its owner says so, for good, and that it ran stays", async () => {
    const { body } = await create()
    await finish(body.id, { logs: "hello\n" })
    expect(await call("DELETE", path(body.id))).toMatchObject({ status: 204 })
    expect((await call("GET", path(body.id))).body).toMatchObject({
      status: "succeeded",
      input: {},
      output: null,
      logs: "",
      data_removed: true,
    })
  })

  test("of one that was just read is gone as well, as is the old name of its model", async () => {
    const renamed = await aModel(alice)
    const { id: of } = await aVersion(alice, renamed, { openapi_schema: schema({ text }) })
    const { body } = await create({ version: of })
    await finish(body.id, { output: "understudy:/files/a/b.txt", logs: "hello\n" })
    const first = await call("GET", path(body.id))
    const { text: again, headers } = await call("GET", path(body.id))
    expect([again, headers["cache-control"], headers.etag]).toEqual([first.text, "no-store", undefined])
    expect(JSON.parse(again)).toMatchObject({ output: "http://models.example.com/files/a/b.txt", logs: "hello\n" })
    expect(await call("GET", path(body.id), { token: bobs })).toMatchObject({ status: 404 })
    await renameModel(alice, renamed.owner, renamed.name, { name: `${renamed.name}-2` })
    expect((await call("GET", path(body.id))).body.model).toBe(`${renamed.owner}/${renamed.name}-2`)
    await call("DELETE", path(body.id))
    expect((await call("GET", path(body.id))).body).toMatchObject({ output: null, logs: "", data_removed: true })
  })

  test("of one that waits is removed with it", async () => {
    const { body } = await create()
    expect(await call("DELETE", path(body.id))).toMatchObject({ status: 204 })
    expect((await call("GET", path(body.id))).body).toMatchObject({ status: "canceled", input: {}, data_removed: true })
  })

  test("stays for its time, and longer only where it is kept or shown", async () => {
    const [gone, kept, shown] = [(await create()).body, (await create()).body, (await create()).body]
    env.API_DATA_HOURS = 0.000_01
    for (const { id } of [gone, kept, shown]) await finish(id)
    env.API_DATA_HOURS = 1
    expect(await call("PATCH", path(kept.id), { body: { kept: true } })).toMatchObject({ status: 200 })
    await call("POST", `/v1/models/${model.owner}/${model.name}/examples`, { body: { prediction: shown.id } })
    await new Promise((resume) => setTimeout(resume, 60))
    expect(await removeExpiredData()).toBeGreaterThan(0)
    const removed = async ({ id }: { id: string }) => (await call("GET", path(id))).body.data_removed
    expect([await removed(gone), await removed(kept), await removed(shown)]).toEqual([true, false, false])
    expect(await call("PATCH", path(kept.id), { body: { kept: false } })).toMatchObject({ status: 200 })
    expect(await getPrediction(alice, kept.id)).toMatchObject({ kept: false, expires_at: expect.any(String) })
  })
})

test("data of what was run on the web stays for its own time", async () => {
  const run = async () => {
    const { id } = await createPrediction(
      alice,
      { version: "named" },
      { version: version.id, input: { text: "a" } },
      { origin: "" },
    )
    await finish(id)
    return getPrediction(alice, id)
  }
  const daysLeft = ({ expires_at }: { expires_at: string | null }) =>
    Math.round((Date.parse(expires_at!) - Date.now()) / 86_400_000)
  const first = await run()
  expect([first.source, daysLeft(first)]).toEqual(["web", 90])
  env.WEB_DATA_DAYS = 0
  expect((await run()).expires_at).toBeNull()
  env.WEB_DATA_DAYS = 0.000_000_5
  const { id } = await run()
  env.WEB_DATA_DAYS = 90
  await new Promise((resume) => setTimeout(resume, 60))
  await removeExpiredData()
  expect(await getPrediction(alice, id)).toMatchObject({ data_removed: true, output: null })
  expect(await getPrediction(alice, first.id)).toMatchObject({ data_removed: false })
})

test("a deadline before the start cancels, or aborts where the operator wants that", async () => {
  const late = async () => {
    const { id } = (await create({ lifetime: 5 })).body
    return (await cancelNow(await getPrediction(alice, id), undefined, "deadline"))!.status
  }
  expect(await late()).toBe("canceled")
  env.DEADLINE_ABORTS = "1"
  expect(await late()).toBe("aborted")
  env.DEADLINE_ABORTS = "0"
})

describe("examples", () => {
  const examplesOf = (of: Model) => `/v1/models/${of.owner}/${of.name}/examples`
  let of: Model
  const anExample = async (input: object) => {
    const { body } = await call("POST", `/v1/models/${of.owner}/${of.name}/predictions`, { body: { input } })
    await finish(body.id)
    return body.id as string
  }
  beforeAll(async () => {
    of = await aModel(alice)
    await aVersion(alice, of, { openapi_schema: schema({ text }) })
  })
  const listed = async () =>
    (await call("GET", examplesOf(of), { token: bobs })).body.results.map(({ id }: { id: string }) => id)
  const standsForIt = async () =>
    (await call("GET", `/v1/models/${of.owner}/${of.name}`, { token: bobs })).body.default_example?.id

  test("are shown to everybody who sees the model, in their owner's order, and one stands for it", async () => {
    const [a, b] = [await anExample({ text: "a" }), await anExample({ text: "b" })]
    for (const prediction of [a, b])
      expect(await call("POST", examplesOf(of), { body: { prediction } })).toMatchObject({ status: 201 })
    expect([await listed(), await standsForIt()]).toEqual([[a, b], a])
    expect(await call("GET", path(a), { token: bobs })).toMatchObject({ status: 200, body: { input: { text: "a" } } })

    expect(await call("PATCH", examplesOf(of), { body: { order: [b, a], default: b } })).toMatchObject({ status: 200 })
    expect([await listed(), await standsForIt()]).toEqual([[b, a], b])
    expect(await call("DELETE", `${examplesOf(of)}/${b}`)).toMatchObject({ status: 204 })
    expect([await listed(), await standsForIt()]).toEqual([[a], a])
    expect(await call("GET", path(b), { token: bobs })).toMatchObject({ status: 404 })

    expect(await call("DELETE", path(a))).toMatchObject({ status: 204 })
    expect([await listed(), await standsForIt()]).toEqual([[], undefined])
  })

  test("are of the model itself, succeeded, and chosen by its owner", async () => {
    const ofAnother = (await create()).body.id
    await finish(ofAnother)
    const waiting = (await call("POST", `/v1/models/${of.owner}/${of.name}/predictions`, { body: { input: {} } })).body
      .id
    for (const prediction of [ofAnother, waiting])
      expect(await call("POST", examplesOf(of), { body: { prediction } })).toMatchObject({ status: 400 })
    expect(await call("POST", examplesOf(of), { body: { prediction: waiting }, token: bobs })).toMatchObject({
      status: 403,
    })
  })
})

test("what runs is counted, each once", async () => {
  const counted = await aModel(alice)
  await aVersion(alice, counted, { openapi_schema: schema({ text }) })
  for (let n = 0; n < 3; n++)
    await call("POST", `/v1/models/${counted.owner}/${counted.name}/predictions`, { body: { input: {} } })
  while (!(await countNewRuns()));
  while (!(await countNewRuns()));
  expect((await call("GET", `/v1/models/${counted.owner}/${counted.name}`)).body.run_count).toBe(3)
})

test("a name that its owner gave stands for its version, and the one named stable is what the model's address runs", async () => {
  const registry = await aRegistry()
  const auth = basic(alice.username, await aToken(alice))
  const { name } = await aModel(alice)
  const [older, newer] = [anImage(), anImage()]
  for (const image of [older, newer]) await pushImage(registry, `${alice.username}/${name}`, auth, image)
  await registry.close()
  const [stable, latest] = [older.digest.slice(7), newer.digest.slice(7)]
  const run = async () =>
    (await call("POST", `/v1/models/${alice.username}/${name}/predictions`, { body: { input: { prompt: "a" } } })).body
      .version
  expect(await run()).toBe(latest)
  await call("PUT", `/v1/models/${alice.username}/${name}/aliases/stable`, { body: { version: stable } })
  expect(await run()).toBe(stable)
  for (const [reference, id] of [
    ["stable", stable],
    ["latest", latest],
  ] as const)
    expect(await create({ version: `${alice.username}/${name}@${reference}`, input: { prompt: "a" } })).toMatchObject({
      body: { version: id },
    })
})

test("creating and reading one are counted by themselves", async () => {
  const token = await aToken((await anAccount()).actor)
  const { headers } = await create({}, { token })
  expect(headers).toMatchObject({ "ratelimit-limit": "600", "ratelimit-remaining": "599" })
  const { body } = await create({}, { token })
  expect((await call("GET", path(body.id), { token })).headers).toMatchObject({ "ratelimit-remaining": "59999" })
  expect((await call("GET", "/v1/predictions", { token })).headers).toMatchObject({ "ratelimit-remaining": "2999" })
})

describe("a version that is deleted", () => {
  const run = (id: string) => create({ version: id, input: { text: "a" } })
  const url = (of: Model, id = "") => `/v1/models/${of.owner}/${of.name}${id && `/versions/${id}`}`

  test("takes with it what it ran, and its model can be deleted at once", async () => {
    const of = await aModel(alice, { visibility: "private" })
    const { id } = await aVersion(alice, of, { openapi_schema: schema({ text }) })
    const [done, waiting] = [(await run(id)).body, (await run(id)).body]
    await finish(done.id)
    expect(await call("DELETE", url(of, id))).toMatchObject({ status: 202 })
    expect(await run(id)).toMatchObject({ status: 422 })
    expect(await call("DELETE", url(of))).toMatchObject({ status: 204 })
    await deletedVersionsJob.run(new AbortController().signal)
    for (const one of [done, waiting]) expect(await call("GET", path(one.id))).toMatchObject({ status: 404 })
  })

  test("was run by its owner alone", async () => {
    const of = await aModel(alice)
    const { id } = await aVersion(alice, of, { openapi_schema: schema({ text }) })
    await create({ version: id, input: {} }, { token: bobs })
    await call("PATCH", url(of), { body: { visibility: "private" } })
    expect(await call("DELETE", url(of, id))).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("Another account has run this version") },
    })
  })
})
