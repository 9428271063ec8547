import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { fromNow } from "@/lib/clock"
import { findOwnPool, updatePool } from "@/lib/pools/pool"
import { createPrediction } from "@/lib/predictions/create"
import { setUpStateOf } from "@/lib/predictions/set-up"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, anAccount, aToken, aVersion } from "@/lib/test/factories"
import { getForm } from "@/lib/versions/version"

let call: CallApi
let alice: Actor
let model: Model
let url: string

beforeAll(async () => {
  alice = (await anAccount()).actor
  ;({ call } = await apiFor(await aToken(alice)))
  model = await aModel(alice, { visibility: "private" })
  url = `/v1/models/${alice.username}/${model.name}/versions`
})

test("a version is answered alike in the list, alone and as the model's latest", async () => {
  const { id, created_at } = await aVersion(alice, model, { cog_version: "0.16.7" })
  const version = {
    id,
    created_at,
    cog_version: "0.16.7",
    openapi_schema: expect.objectContaining({ openapi: "3.0.2" }),
  }

  expect((await call("GET", `${url}/${id}`)).body).toEqual(version)
  expect((await call("GET", url)).body.results[0]).toEqual(version)
  expect((await call("GET", `/v1/models/${alice.username}/${model.name}`)).body.latest_version).toEqual(version)
})

test("a version need not know its Cog nor its schema", async () => {
  const { id } = await aVersion(alice, model, { cog_version: null, openapi_schema: null })
  expect((await call("GET", `${url}/${id}`)).body).toMatchObject({ cog_version: null, openapi_schema: null })
})

test("the types of a version are files in three languages", async () => {
  const { id } = await aVersion(alice, model)
  const types = (language: string) => call("GET", `${url}/${id}/types/${language}`)
  for (const [language, type, ending, content] of [
    ["typescript", "text/plain; charset=utf-8", "ts", "export type Input = "],
    ["python", "text/plain; charset=utf-8", "py", "TypedDict"],
    ["json-schema", "application/schema+json; charset=utf-8", "json", '"$ref": "#/$defs/Input"'],
  ] as const) {
    const { status, headers, text } = await types(language)
    expect([status, headers["content-type"]]).toEqual([200, type])
    expect(headers["content-disposition"]).toBe(`attachment; filename="${model.name}.${ending}"`)
    expect(text).toContain(content)
  }
  for (const language of ["cobol", "constructor"]) expect((await types(language)).status).toBe(404)
  const { call: asStranger } = await apiFor(await aToken((await anAccount()).actor))
  expect((await asStranger("GET", `${url}/${id}/types/typescript`)).status).toBe(404)
})

test("pages carry absolute links to the same model", async () => {
  for (let n = 0; n < 30; n++) await aVersion(alice, model)
  const first = await call("GET", `${url}/`)
  expect(first.body.results).toHaveLength(25)
  expect(first.body.next).toMatch(new RegExp(`^http://models\\.example\\.com${url}\\?cursor=[\\w-]+$`))
  expect((await call("GET", `${url}?cursor=junk`)).body.errors[0].pointer).toBe("/cursor")
})

describe("DELETE", () => {
  test("answers 202 without a body and without a content type", async () => {
    const { id } = await aVersion(alice, model)
    const { status, text, headers } = await call("DELETE", `${url}/${id}`, {
      headers: { "content-type": "application/json" },
    })
    expect([status, text, headers["content-type"]]).toEqual([202, "", undefined])
    expect((await call("GET", `${url}/${id}`)).status).toBe(404)
    expect((await call("DELETE", `${url}/${id}`)).status).toBe(404)
  })

  test("of a public model is a 400 that says what to do, and a 403 for others", async () => {
    const open = await aModel(alice)
    const { id } = await aVersion(alice, open)
    const path = `/v1/models/${alice.username}/${open.name}/versions/${id}`
    const { status, body } = await call("DELETE", path)
    expect([status, body.detail]).toEqual([
      400,
      `A version of a public model cannot be deleted. Make ${alice.username}/${open.name} private first.`,
    ])
    expect((await call("DELETE", path, { token: await aToken((await anAccount()).actor) })).status).toBe(403)
  })
})

test.each(["latest", "x", "0".repeat(64), "%00"])("the version %s is not there", async (id) => {
  expect((await call("GET", `${url}/${id}`)).status).toBe(404)
})

test("the numbers of a schema are passed on as they were pushed, however large", async () => {
  const properties =
    '{"seed":{"type":"integer","default":9223372036854775807,"minimum":0,"maximum":18446744073709551615},' +
    '"scale":{"type":"number","default":1.0,"maximum":1e400,"minimum":0.12345678901234567890}}'
  const openapi_schema = `{"openapi":"3.0.2","components":{"schemas":{"Input":{"type":"object","properties":${properties}}}}}`
  const { id } = await aVersion(alice, model, { openapi_schema })
  for (const address of [`${url}/${id}`, url, `/v1/models/${alice.username}/${model.name}`])
    expect((await call("GET", address)).text).toContain(openapi_schema)
  expect((await getForm(alice, alice.username, model.name, id)).inputs).toMatchObject([
    { default: "9223372036854775807", min: "0", max: "18446744073709551615" },
    { default: "1.0", max: "1e400", min: "0.12345678901234567890" },
  ])
})

test("a set-up that failed too often can be tried again by those who may edit the model", async () => {
  const open = await aModel(alice)
  const { id } = await aVersion(alice, open)
  const path = `/v1/models/${open.owner}/${open.name}/versions/${id}`
  // The version never ran, so there is no pool to retry.
  expect((await call("POST", `${path}/retry`)).status).toBe(404)
  await createPrediction(alice, { version: "named" }, { version: id, input: {} }, { origin: "" })
  const pool = (await findOwnPool(open.id, id))!.key
  await updatePool(pool, { failures: 5, paused_at: fromNow(-60), failure: "no weights here" })
  const strangers = await aToken((await anAccount()).actor)
  expect((await call("POST", `${path}/retry`, { token: strangers })).status).toBe(403)
  expect(await setUpStateOf(open.id, id)).toMatchObject({ failures: 5, paused: true })
  expect(await call("POST", `${path}/retry`)).toMatchObject({ status: 204, text: "" })
  expect(await setUpStateOf(open.id, id)).toMatchObject({ failures: 0, paused: false })
})
