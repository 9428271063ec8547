import { beforeAll, describe, expect, test } from "vitest"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { updateModel } from "@/lib/models/model"
import { apiFor, type Call, type CallApi } from "@/lib/test/api"
import { aModel, aName, anAccount, aToken, aVersion, modelInput } from "@/lib/test/factories"

let call: CallApi
let alice: Actor
let bob: Actor
let bobsToken: string

const host = "http://models.example.com"
const names = (models: { name: string }[]) => models.map(({ name }) => name)

beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
  bobsToken = await aToken(bob)
  ;({ call } = await apiFor(await aToken(alice)))
})

describe("PATCH /v1/models/{owner}/{name}", () => {
  test("changes what is named, leaves the rest, and answers the whole model", async () => {
    const model = await aModel(alice, { description: "Old", github_url: "https://github.com/a/b" })
    const url = `/v1/models/${alice.username}/${model.name}`
    const { status, body } = await call("PATCH", url, {
      body: {
        description: " New ",
        readme: "# Hi",
        paper_url: "https://arxiv.org/abs/1",
        weights_url: "https://huggingface.co/a/b",
        license_url: "https://example.com/l",
        unknown: 1,
      },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      description: "New",
      github_url: "https://github.com/a/b",
      paper_url: "https://arxiv.org/abs/1",
      weights_url: "https://huggingface.co/a/b",
      license_url: "https://example.com/l",
      visibility: "public",
      created_at: model.created_at,
    })
    expect(body).not.toHaveProperty("readme")
    expect((await call("GET", url)).body).toEqual(body)
  })

  test("null and an empty text clear", async () => {
    const { name } = await aModel(alice, {
      description: "Old",
      github_url: "https://github.com/a/b",
      cover_image_url: "https://example.com/c.png",
    })
    const { body } = await call("PATCH", `/v1/models/${alice.username}/${name}`, {
      body: { description: "", github_url: null, cover_image_url: " " },
    })
    expect(body).toMatchObject({ description: null, github_url: null, cover_image_url: null })
  })

  test("takes visibility, hardware and a cover image too", async () => {
    const { name } = await aModel(alice)
    const { body } = await call("PATCH", `/v1/models/${alice.username}/${name}`, {
      body: { visibility: "private", hardware: "gpu-2x-l40s", cover_image_url: "https://example.com/c.png" },
    })
    expect(body).toMatchObject({
      visibility: "private",
      hardware: "gpu-l40s-2x",
      cover_image_url: "https://example.com/c.png",
    })
  })

  test("a bad field is a 400 that points at it, and nothing is changed", async () => {
    const { name } = await aModel(alice, { description: "Old" })
    const url = `/v1/models/${alice.username}/${name}`
    const { status, body } = await call("PATCH", url, {
      body: { description: "New", github_url: "nonsense", visibility: null, readme: "x".repeat(200_001) },
    })
    expect(status).toBe(400)
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/github_url",
      "/readme",
      "/visibility",
    ])
    expect((await call("PATCH", url, { body: { hardware: "gpu-z80" } })).body.errors[0].detail).toMatch(
      /Your options are: cpu, /,
    )
    expect((await call("GET", url)).body.description).toBe("Old")
  })

  test.each(["[]", "null", "7", '"text"', ""])("the body %j is a 400", async (raw) => {
    const { name } = await aModel(alice)
    expect((await call("PATCH", `/v1/models/${alice.username}/${name}`, { raw })).status).toBe(400)
  })

  test("a public model of somebody else is a 403, whatever the body", async () => {
    const { name } = await aModel(bob)
    const { status, body } = await call("PATCH", `/v1/models/${bob.username}/${name}`, { body: { description: 7 } })
    expect([status, body.detail]).toEqual([403, `Only ${bob.username} can change ${bob.username}/${name}.`])
  })
})

describe("DELETE /v1/models/{owner}/{name}", () => {
  test("a private model without versions is gone, with a 204 that has no body and no content type", async () => {
    const { name } = await aModel(alice, { visibility: "private" })
    const { status, text, headers } = await call("DELETE", `/v1/models/${alice.username}/${name}`, {
      headers: { "content-type": "application/json" },
    })
    expect([status, text, headers["content-type"]]).toEqual([204, "", undefined])
    expect((await call("GET", `/v1/models/${alice.username}/${name}`)).status).toBe(404)
    expect((await call("DELETE", `/v1/models/${alice.username}/${name}`)).status).toBe(404)
  })

  test("its name and its place are free for its owner at once, and for nobody else", async () => {
    const carol = (await anAccount()).actor
    const token = await aToken(carol)
    const limit = env.MODELS_PER_ACCOUNT
    env.MODELS_PER_ACCOUNT = 1
    try {
      const body = modelInput(carol, { visibility: "private" })
      for (let round = 0; round < 3; round++) {
        expect((await call("POST", "/v1/models", { token, body })).status).toBe(201)
        expect((await call("POST", "/v1/models", { token, body: modelInput(carol) })).status).toBe(403)
        expect((await call("DELETE", `/v1/models/${carol.username}/${body.name}`, { token })).status).toBe(204)
      }
      expect((await call("POST", "/v1/models", { body })).status).toBe(403)
    } finally {
      env.MODELS_PER_ACCOUNT = limit
    }
  })

  test("everything that stands in the way is named in one 400", async () => {
    const model = await aModel(alice)
    await aVersion(alice, model)
    const { status, body } = await call("DELETE", `/v1/models/${alice.username}/${model.name}`)
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      { pointer: "/visibility", detail: "A public model cannot be deleted. Make it private first." },
      { pointer: "/versions", detail: "A model with versions cannot be deleted. Delete its versions first." },
    ])
    await updateModel(alice, alice.username, model.name, { visibility: "private" })
    expect((await call("DELETE", `/v1/models/${alice.username}/${model.name}`)).body.errors).toHaveLength(1)
  })

  test("a public model of somebody else is a 403", async () => {
    const { name } = await aModel(bob)
    expect((await call("DELETE", `/v1/models/${bob.username}/${name}`)).status).toBe(403)
  })

  test("of 16 simultaneous deletes exactly one does it, and the place is freed once", async () => {
    const carol = (await anAccount()).actor
    const token = await aToken(carol)
    const { name } = await aModel(carol, { visibility: "private" })
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => call("DELETE", `/v1/models/${carol.username}/${name}`, { token })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(15).fill(404)])
  })
})

describe("GET /v1/models/{owner}/{name}", () => {
  test("one's own model says what it runs on; to others it does not", async () => {
    const { name } = await aModel(alice, { hardware: "gpu-t4" })
    const url = `/v1/models/${alice.username}/${name}`
    expect((await call("GET", url)).body.hardware).toBe("gpu-t4")
    expect((await call("GET", url, { token: bobsToken })).body).not.toHaveProperty("hardware")
    for (const { hardware } of (await call("GET", "/v1/models")).body.results) expect(hardware).toBeUndefined()
  })

  test.each(["%00", "a%00b", "A", "%ff", "x".repeat(500), "%F0%9F%A6%93"])(
    "the name %s is a 404 or a 400, never our fault",
    async (name) => {
      for (const path of [`${alice.username}/${name}`, `${name}/${name}`])
        expect([400, 404]).toContain((await call("GET", `/v1/models/${path}`)).status)
    },
  )
})

describe("GET …/readme", () => {
  test("is the Markdown as plain text", async () => {
    const { name } = await aModel(alice)
    const url = `/v1/models/${alice.username}/${name}`
    const readme = "# Hotdög\n\n<script>alert(1)</script>\n"
    await call("PATCH", url, { body: { readme } })
    const answer = await call("GET", `${url}/readme`, { headers: { accept: "text/plain" } })
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([
      200,
      "text/plain; charset=utf-8",
      readme,
    ])
  })

  test("is a 404 when there is none, also after it was cleared", async () => {
    const { name } = await aModel(alice)
    const url = `/v1/models/${alice.username}/${name}`
    expect((await call("GET", `${url}/readme`)).status).toBe(404)
    await call("PATCH", url, { body: { readme: "x" } })
    await call("PATCH", url, { body: { readme: null } })
    expect((await call("GET", `${url}/readme`)).status).toBe(404)
  })
})

test("GET …/examples is an empty page, because there is no prediction yet", async () => {
  const { name } = await aModel(alice)
  expect((await call("GET", `/v1/models/${alice.username}/${name}/examples`)).body).toEqual({
    next: null,
    previous: null,
    results: [],
  })
})

describe("GET /v1/models in order", () => {
  test("a pushed version brings a model to the top, except in the order of creation", async () => {
    const older = await aModel(alice)
    const newer = await aModel(alice)
    await aVersion(alice, older)

    const first = async (query: string) => names((await call("GET", `/v1/models${query}`)).body.results).slice(0, 2)
    expect(await first("")).toEqual([older.name, newer.name])
    expect(await first("?sort_by=latest_version_created_at&sort_direction=desc")).toEqual([older.name, newer.name])
    expect(await first("?sort_by=model_created_at")).toEqual([newer.name, older.name])
  })

  test("links carry the order, and bear being asked the same again", async () => {
    for (let n = 0; n < 30; n++) await aModel(bob)
    const first = await call("GET", "/v1/models?sort_by=model_created_at&sort_direction=asc")
    expect(first.body.next).toMatch(
      /^http:\/\/models\.example\.com\/v1\/models\?sort_by=model_created_at&sort_direction=asc&cursor=[\w-]+$/,
    )
    const next = first.body.next.replace(host, "")
    const second = await call("GET", next)
    expect(second.body.results[0].created_at > first.body.results.at(-1).created_at).toBe(true)
    expect((await call("GET", `${next}&sort_by=model_created_at&sort_direction=asc`)).body).toEqual(second.body)
    expect((await call("GET", second.body.previous.replace(host, ""))).body.results).toEqual(first.body.results)
  })

  test("a page has as many as asked for, up to a hundred, and its links ask for the same", async () => {
    const { actor } = await anAccount()
    for (let n = 0; n < 3; n++) await aModel(actor)
    const first = await call("GET", "/v1/models?limit=2&nonsense=1")
    expect(first.body.results).toHaveLength(2)
    expect(first.body.next).toMatch(/^http:\/\/models\.example\.com\/v1\/models\?limit=2&cursor=[\w-]+$/)
    expect((await call("GET", first.body.next)).body.results).toHaveLength(2)
    for (const limit of ["0", "101", "1.5", "many", ""])
      expect((await call("GET", `/v1/models?limit=${limit}`)).status, limit).toBe(400)
  })

  test.each(["sort_by=name", "sort_by=", "sort_direction=up", "cursor=", "cursor=junk", "cursor=WyJcdTAwMDAiLDFd"])(
    "%s is a 400",
    async (query) => {
      const { status, body } = await call("GET", `/v1/models?${query}`)
      expect([status, body.errors[0].pointer]).toEqual([400, `/${query.split("=")[0]}`])
    },
  )

  test.each([
    ["latest_version_created_at", "desc"],
    ["latest_version_created_at", "asc"],
    ["model_created_at", "desc"],
    ["model_created_at", "asc"],
  ])(
    "1,000 models by %s %s: no repeats and no gaps while others are created",
    async (sort_by, sort_direction) => {
      const existing = await thousand()
      let done = false
      const creating = (async () => {
        const dave = (await anAccount()).actor
        for (let n = 0; n < 900 && !done; n++) await aModel(dave)
      })()

      const seen: string[] = []
      let url: string | null = `/v1/models?sort_by=${sort_by}&sort_direction=${sort_direction}`
      // Models that other tests create meanwhile appear at the end of the ascending order.
      while (url && existing.size > seen.filter((name) => existing.has(name)).length) {
        const { body }: { body: { next: string | null; results: { owner: string; name: string }[] } } = await call(
          "GET",
          url,
        )
        seen.push(...body.results.map(({ owner, name }) => `${owner}/${name}`))
        url = body.next && body.next.replace(host, "")
      }
      done = true
      await creating

      expect(new Set(seen).size).toBe(seen.length)
      expect([...existing].filter((name) => !seen.includes(name))).toEqual([])
    },
    60_000,
  )

  let made: Promise<Set<string>> | undefined
  const thousand = () => (made ??= createThousand())
  async function createThousand() {
    const carol = (await anAccount()).actor
    const models = []
    for (let n = 0; n < 1000; n++) models.push(await aModel(carol))
    return new Set(models.map(({ owner, name }) => `${owner}/${name}`))
  }
})

describe("QUERY /v1/models", () => {
  test.each([
    ["raw text", "text/plain", (words: string) => words],
    ["quoted text", "text/plain", (words: string) => JSON.stringify(words)],
    ["a JSON string", "application/json", (words: string) => JSON.stringify(words)],
    ["text that claims to be JSON", "application/json", (words: string) => words],
  ])("finds models by %s", async (_, type, spelled) => {
    const word = aName("querying")
    const { name } = await aModel(alice, { description: `The "${word}" of words` })
    await aModel(alice, { description: word, visibility: "private" })
    const { status, body } = await call("QUERY", "/v1/models", {
      headers: { "content-type": type },
      raw: spelled(`${word} words`),
    })
    expect(status).toBe(200)
    expect([body.next, body.previous, names(body.results)]).toEqual([null, null, [name]])
    expect(Object.keys(body.results[0])).toContain("latest_version")
  })

  test.each(["", "{", "[1]", "null", "🦓", '"', "'; drop table models; --"])("the text %j is answered", async (raw) => {
    expect((await call("QUERY", "/v1/models", { raw })).status).toBe(200)
  })

  test("wants a token and stays below 1 MB", async () => {
    expect((await call("QUERY", "/v1/models", { raw: "x", token: null })).status).toBe(401)
    expect((await call("QUERY", "/v1/models", { raw: "x".repeat(1024 * 1024 + 1) })).status).toBe(413)
  })
})

test("GET /v1/account/models pages through one's own models, private ones included, and nobody else's", async () => {
  const carol = (await anAccount()).actor
  const token = await aToken(carol)
  const own: string[] = []
  for (let n = 0; n < 30; n++)
    own.unshift((await aModel(carol, { visibility: n % 2 ? "public" : "private", hardware: "gpu-t4" })).name)
  await aModel(alice)

  const first = await call("GET", "/v1/account/models", { token })
  const second = await call("GET", first.body.next.replace(host, ""), { token })
  expect(names([...first.body.results, ...second.body.results])).toEqual(own)
  expect(first.body.next).toMatch(/^http:\/\/models\.example\.com\/v1\/account\/models\?cursor=/)
  expect(first.body.results[0]).toMatchObject({ hardware: "gpu-t4", latest_version: null })
})

describe("a private model", () => {
  const id = "0".repeat(64)
  const routes: [string, string, Call?][] = [
    ["GET", ""],
    ["HEAD", ""],
    ["PATCH", "", { body: { description: "x" } }],
    ["PATCH", "", { body: { description: 7, hardware: "gpu-z80" } }],
    ["PATCH", "", { raw: "{" }],
    ["DELETE", ""],
    ["PUT", ""],
    ["GET", "/readme"],
    ["GET", "/examples"],
    ["GET", "/versions"],
    ["GET", "/versions?cursor=junk"],
    ["GET", `/versions/${id}`],
    ["GET", "/versions/latest"],
    ["DELETE", `/versions/${id}`],
  ]

  test.each(routes)(
    "%s …%s answers a stranger byte for byte as for one that never was",
    async (method, path, options) => {
      const model = await aModel(bob, { visibility: "private", name: aName("secret") })
      await updateModel(bob, bob.username, model.name, { readme: "Secret" })
      await aVersion(bob, model, { id })

      const answers = []
      for (const reference of [`${bob.username}/${model.name}`, `${bob.username}/never-was`, "nobody-here/never-was"]) {
        const { status, text, headers } = await call(method, `/v1/models/${reference}${path}`, options)
        const { date: _, "ratelimit-remaining": _remaining, "ratelimit-reset": _reset, ...rest } = headers
        answers.push({ status, text, headers: rest })
      }
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
      expect(answers[0]!.status).toBe(method === "PUT" ? 405 : options?.raw ? 400 : 404)
      expect(
        (await call("GET", `/v1/models/${bob.username}/${model.name}`, { token: bobsToken })).body.description,
      ).toBeNull()
    },
  )
})
