import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { updateProfile } from "@/lib/owners/profile"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, aName, anAccount, aToken, modelInput } from "@/lib/test/factories"

let call: CallApi
let alice: Actor

beforeAll(async () => {
  alice = (await anAccount()).actor
  ;({ call } = await apiFor(await aToken(alice)))
})

describe("who is asking", () => {
  test("without a token the answer is 401, also for what does not exist", async () => {
    for (const url of ["/v1/models", "/v1/hardware", "/v1/account", "/v1/models/a/b", "/v1/nothing"]) {
      const { status, body, headers } = await call("GET", url, { token: null })
      expect({ status, body }, url).toEqual({
        status: 401,
        body: { title: "Unauthenticated", detail: "You did not pass an authentication token", status: 401 },
      })
      expect(headers["content-type"]).toMatch("application/problem+json")
    }
  })

  test.each([["us_wrong"], ["r8_0123456789012345678901234567890123456"], ["%"]])(
    "%s is no valid token",
    async (wrong) => {
      expect((await call("GET", "/v1/account", { token: wrong })).body).toEqual({
        title: "Unauthenticated",
        detail: "You did not pass a valid authentication token",
        status: 401,
      })
    },
  )

  test.each(["Bearer", "Token", "bearer", "TOKEN"])("the scheme %s is understood", async (scheme) => {
    expect((await call("GET", "/v1/account", { scheme })).body).toEqual({
      type: "user",
      username: alice.username,
      name: alice.username,
    })
  })

  test("an account tells what is known of it, and leaves out the rest", async () => {
    const { actor, owner } = await anAccount()
    const [name, avatar_url] = ["Somebody", "https://example.com/somebody.png"]
    await updateProfile(actor, owner, { name, avatar_url })
    expect((await call("GET", "/v1/account", { token: await aToken(actor) })).body).toEqual({
      type: "user",
      username: actor.username,
      name,
      avatar_url,
    })
  })
})

describe("POST /v1/models", () => {
  test("answers 201 with the whole model, as the classic curl call sends it", async () => {
    const name = aName()
    const { status, body, headers } = await call("POST", "/v1/models", {
      scheme: "Token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      raw: JSON.stringify({ owner: alice.username, name, visibility: "public", hardware: "gpu-a40-large" }),
    })
    expect(status).toBe(201)
    expect(headers["content-type"]).toBe("application/json; charset=utf-8")
    expect(body).toEqual({
      url: `http://models.example.com/${alice.username}/${name}`,
      owner: alice.username,
      name,
      description: null,
      visibility: "public",
      github_url: null,
      paper_url: null,
      license_url: null,
      weights_url: null,
      run_count: 0,
      is_official: false,
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
      cover_image_url: null,
      default_example: null,
      latest_version: null,
      egress: "none",
      hardware: "gpu-a40-large",
    })
  })

  test("a bad field is a 400 that points at it", async () => {
    const { status, body } = await call("POST", "/v1/models", {
      body: { ...modelInput(alice), name: "Bad Name", visibility: "secret" },
    })
    expect(status).toBe(400)
    expect(body).toEqual({
      title: "Validation failed",
      status: 400,
      detail: expect.stringMatching(
        /^The following errors occurred:\n- name: Enter a valid name\. .*\n- visibility: Choose public or private\.$/,
      ),
      errors: [
        {
          pointer: "/name",
          detail: expect.stringMatching(/^Enter a valid name\. This value may contain only lowercase letters/),
        },
        { pointer: "/visibility", detail: "Choose public or private." },
      ],
    })
  })

  test("an unknown SKU is answered with the list that clients parse", async () => {
    const { status, body } = await call("POST", "/v1/models", { body: modelInput(alice, { hardware: "gpu-z80" }) })
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      {
        pointer: "/hardware",
        detail: expect.stringMatching(/^gpu-z80 is not a valid hardware SKU\. Your options are: cpu, /),
      },
    ])
    expect(body.detail).toBe(`The following errors occurred:\n- hardware: ${body.errors[0].detail}`)
  })

  test("an unknown owner is a 400 at /owner, somebody else's account a 403", async () => {
    const bob = (await anAccount()).actor
    const unknown = await call("POST", "/v1/models", { body: modelInput(alice, { owner: "nobody-here" }) })
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([400, "/owner"])
    const foreign = await call("POST", "/v1/models", { body: modelInput(alice, { owner: bob.username }) })
    expect([foreign.status, foreign.body.title]).toEqual([403, "Forbidden"])
  })

  test("64 at once: one 201 and 63 byte-identical 409s that are not sent again", async () => {
    const body = modelInput(alice)
    const answers = await Promise.all(Array.from({ length: 64 }, () => call("POST", "/v1/models", { body })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const refusals = answers.filter(({ status }) => status === 409)
    expect(refusals).toHaveLength(63)
    expect(new Set(refusals.map(({ text }) => text)).size).toBe(1)
    expect(refusals[0]!.headers["x-should-retry"]).toBe("false")
    expect(refusals[0]!.body).toEqual({
      title: "Conflict",
      status: 409,
      detail: "The following errors occurred:\n- name: A model with that name and owner already exists.",
      errors: [{ pointer: "/name", detail: "A model with that name and owner already exists." }],
    })
  })

  test.each(['{"owner": "alice" "name": "x"}', "{", "nonsense", '"text"', "[]", "null", "7", ""])(
    "the body %j is a 400 with a readable detail",
    async (raw) => {
      const { status, body } = await call("POST", "/v1/models", { raw })
      expect(status).toBe(400)
      expect(body.detail).toEqual(expect.any(String))
    },
  )

  test("a body that would change how objects behave is only data", async () => {
    const { status } = await call("POST", "/v1/models", {
      raw: `{"__proto__": {"owner": "x"}, ${JSON.stringify(modelInput(alice)).slice(1)}`,
    })
    expect(status).toBe(201)
    expect(({} as Record<string, unknown>).owner).toBeUndefined()
  })

  test("a body of more than 1 MB is a 413", async () => {
    expect((await call("POST", "/v1/models", { raw: `"${"x".repeat(1024 * 1024)}"` })).status).toBe(413)
  })
})

describe("GET /v1/models", () => {
  test("pages of 25 with absolute links, followed to the end and back", async () => {
    const bob = (await anAccount()).actor
    for (let n = 0; n < 30; n++) await aModel(bob)
    await aModel(bob, { visibility: "private" })

    const first = await call("GET", "/v1/models")
    expect(first.body.results).toHaveLength(25)
    expect(first.body.previous).toBeNull()
    expect(first.body.next).toMatch(/^http:\/\/models\.example\.com\/v1\/models\?cursor=[\w-]+$/)
    expect(first.body.results.every((model: { visibility: string }) => model.visibility === "public")).toBe(true)

    const second = await call("GET", first.body.next.replace("http://models.example.com", ""))
    expect(second.body.results[0].name).not.toBe(first.body.results.at(-1).name)
    const back = await call("GET", second.body.previous.replace("http://models.example.com", ""))
    expect(back.body.results).toEqual(first.body.results)
  })

  test("a cursor that is not ours is a 400", async () => {
    expect((await call("GET", "/v1/models?cursor=junk")).body.errors[0].pointer).toBe("/cursor")
  })
})

describe("GET /v1/models/{owner}/{name}", () => {
  test("a stranger's answer for a private model is byte for byte that for one that never was", async () => {
    const bob = (await anAccount()).actor
    const { name } = await aModel(bob, { visibility: "private" })
    const hidden = await call("GET", `/v1/models/${bob.username}/${name}`)
    const absent = await call("GET", `/v1/models/${bob.username}/never-was`)
    const nobody = await call("GET", `/v1/models/nobody-here/never-was`)
    expect(hidden.status).toBe(404)
    expect(absent.text).toBe(hidden.text)
    expect(nobody.text).toBe(hidden.text)
    const lasting = ({ headers }: typeof hidden) =>
      Object.entries(headers).filter(([name]) => !/^(date|ratelimit-.*)$/.test(name))
    expect(lasting(absent)).toEqual(lasting(hidden))
    expect(
      (await call("GET", `/v1/models/${bob.username}/${name}`, { token: await aToken(bob) })).body.visibility,
    ).toBe("private")
  })
})

test("GET /v1/hardware lists what a model can be created on, name and sku first, with exact prices", async () => {
  const { body } = await call("GET", "/v1/hardware")
  expect(Object.entries(body[1]).slice(0, 2)).toEqual([
    ["name", "CPU"],
    ["sku", "cpu"],
  ])
  expect(body).toContainEqual({
    name: "Nvidia A40 (Large) GPU",
    sku: "gpu-a40-large",
    available: false,
    price_per_second: "0.000725",
    price_per_hour: "2.61",
    gpus: 1,
    gpu_ram_gb: 48,
    cpus: 10,
    ram_gb: 72,
  })
  expect(body.map(({ sku }: { sku: string }) => sku)).not.toContain("gpu-l40s-8x")
  for (const { sku } of body)
    expect((await call("POST", "/v1/models", { body: modelInput(alice, { hardware: sku }) })).status).toBe(201)
})

describe("methods and paths", () => {
  test("a method that a path does not know is a 405 that names those it does", async () => {
    const { status, headers, body } = await call("PUT", "/v1/models")
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, OPTIONS, POST, QUERY"])
    expect(body).toEqual({ title: "Method not allowed", detail: 'Method "PUT" not allowed.', status: 405 })
  })

  test("OPTIONS answers with the methods, HEAD like GET without a body, a trailing slash is forgiven", async () => {
    expect((await call("OPTIONS", "/v1/hardware")).headers.allow).toBe("GET, HEAD, OPTIONS")
    const head = await call("HEAD", "/v1/hardware")
    expect([head.status, head.text]).toEqual([200, ""])
    expect((await call("GET", "/v1/hardware/")).status).toBe(200)
  })

  test("what does not exist is a 404 problem", async () => {
    expect((await call("GET", "/v1/nothing")).body).toEqual({
      title: "Not found",
      detail: "The requested resource could not be found.",
      status: 404,
    })
  })

  test("an empty body with a JSON content type is no error", async () => {
    expect((await call("GET", "/v1/hardware", { headers: { "content-type": "application/json" } })).status).toBe(200)
  })
})

test("/v1/openapi.json needs no token and describes every route that exists", async () => {
  const { body } = await call("GET", "/v1/openapi.json", { token: null })
  expect(body.openapi).toBe("3.1.0")
  expect(Object.keys(body.paths).sort()).toEqual([
    "/v1/account",
    "/v1/account/events",
    "/v1/account/models",
    "/v1/batches",
    "/v1/batches/estimate",
    "/v1/batches/{id}",
    "/v1/batches/{id}/cancel",
    "/v1/batches/{id}/results",
    "/v1/collections",
    "/v1/collections/{slug}",
    "/v1/deployments",
    "/v1/deployments/{owner}/{name}",
    "/v1/deployments/{owner}/{name}/disable",
    "/v1/deployments/{owner}/{name}/enable",
    "/v1/deployments/{owner}/{name}/metrics",
    "/v1/deployments/{owner}/{name}/predictions",
    "/v1/deployments/{owner}/{name}/releases",
    "/v1/deployments/{owner}/{name}/rollback",
    "/v1/deployments/{owner}/{name}/warm",
    "/v1/files",
    "/v1/files/{file_id}",
    "/v1/files/{file_id}/download",
    "/v1/files/{secret}/stream",
    "/v1/hardware",
    "/v1/models",
    "/v1/models/{owner}/{name}",
    "/v1/models/{owner}/{name}/aliases",
    "/v1/models/{owner}/{name}/aliases/{alias}",
    "/v1/models/{owner}/{name}/examples",
    "/v1/models/{owner}/{name}/examples/{id}",
    "/v1/models/{owner}/{name}/predictions",
    "/v1/models/{owner}/{name}/readme",
    "/v1/models/{owner}/{name}/versions",
    "/v1/models/{owner}/{name}/versions/{id}",
    "/v1/models/{owner}/{name}/versions/{id}/retry",
    "/v1/models/{owner}/{name}/versions/{id}/trainings",
    "/v1/models/{owner}/{name}/versions/{id}/trials",
    "/v1/models/{owner}/{name}/versions/{id}/types/{language}",
    "/v1/predictions",
    "/v1/predictions/{id}",
    "/v1/predictions/{id}/cancel",
    "/v1/search",
    "/v1/streams/{secret}",
    "/v1/trainings",
    "/v1/trainings/{id}",
    "/v1/trainings/{id}/cancel",
    "/v1/webhooks/default/secret",
  ])
  expect(body.paths["/v1/models"].post.requestBody.content["application/json"].schema.required).toEqual([
    "owner",
    "name",
    "visibility",
    "hardware",
  ])
  expect(body.paths["/v1/models"].post.responses["409"].content["application/problem+json"]).toBeDefined()
})
