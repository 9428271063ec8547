import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { addToCollection, createCollection } from "@/lib/collections/collection"
import { updateModel } from "@/lib/models/model"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, aName, anAccount, aToken } from "@/lib/test/factories"

let call: CallApi
let admin: Actor

beforeAll(async () => {
  admin = (await anAccount()).actor
  ;({ call } = await apiFor(await aToken(admin)))
})

describe("GET /v1/search", () => {
  test("needs no token and finds models and collections", async () => {
    const word = aName("searching").replace("-", "")
    const { name } = await aModel(admin, { description: word })
    await aModel(admin, { description: word, visibility: "private" })
    const { slug } = await createCollection(admin, { slug: word, name: `All ${word}`, description: "Everything" })
    await addToCollection(admin, slug, admin.username, name)

    const { status, body, headers } = await call("GET", `/v1/search?query=${word}`, { token: null })
    expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"])
    expect(body).toEqual({
      query: word,
      models: [
        {
          model: expect.objectContaining({ name, latest_version: null }),
          metadata: { generated_description: null, tags: [], score: 1 },
        },
      ],
      collections: [{ name: `All ${word}`, slug, description: "Everything", models: [`${admin.username}/${name}`] }],
      pages: [],
    })
    expect(body.models[0].model).not.toHaveProperty("hardware")
  })

  test("answers at most 20 models, or as many as asked for up to 50", async () => {
    const word = aName("many").replace("-", "")
    for (let n = 0; n < 25; n++) await aModel(admin, { description: word })
    const count = async (query: string) =>
      (await call("GET", `/v1/search?query=${word}${query}`, { token: null })).body.models.length
    expect([
      await count(""),
      await count("&limit=3"),
      await count("&limit=50"),
      await count("&limit=3&limit=9"),
    ]).toEqual([20, 3, 25, 3])
    for (const limit of ["0", "51", "x", "1.5", ""]) {
      const { status, body } = await call("GET", `/v1/search?query=x&limit=${limit}`, { token: null })
      expect([status, body.errors?.[0].pointer], limit).toEqual([400, "/limit"])
    }
  })

  test.each(["", "?query=", "?limit=7", "?limit=x"])(
    "without a query (%j) it is a 400 in plain JSON, as recorded",
    async (query) => {
      const { status, text, headers } = await call("GET", `/v1/search${query}`, { token: null })
      expect([status, text]).toEqual([400, '{"detail":"Query parameter \\"query\\" is required"}'])
      expect(headers["content-type"]).toMatch(/^application\/json/)
    },
  )

  test.each(["%F0%9F%A6%93", "%22", "%00", "'%20or%201=1", "*", "x".repeat(10_000)])(
    "any text is a query: %#",
    async (query) => {
      expect((await call("GET", `/v1/search?query=${query}`, { token: null })).status).toBe(200)
    },
  )
})

describe("collections", () => {
  test("are listed by name, slug and description, and answered alone with their models", async () => {
    const { slug } = await createCollection(admin, {
      slug: aName("upscale"),
      name: "Upscale images",
      description: "Larger",
      full_description: "# Larger",
    })
    const first = await aModel(admin)
    const second = await aModel(admin)
    for (const { name } of [second, first]) await addToCollection(admin, slug, admin.username, name)
    await updateModel(admin, admin.username, first.name, { visibility: "private" })

    const list = await call("GET", "/v1/collections")
    expect(list.body).toMatchObject({ next: null, previous: null })
    expect(list.body.results).toContainEqual({ name: "Upscale images", slug, description: "Larger" })

    const one = await call("GET", `/v1/collections/${slug}`)
    expect(one.body).toEqual({
      name: "Upscale images",
      slug,
      description: "Larger",
      full_description: "# Larger",
      models: [
        expect.objectContaining({
          name: second.name,
          url: `http://models.example.com/${admin.username}/${second.name}`,
        }),
      ],
    })
    expect(one.body.models[0]).not.toHaveProperty("hardware")
  })

  test.each(["never-was", "%00", "A", "x".repeat(300)])("%s is a 404", async (slug) => {
    expect((await call("GET", `/v1/collections/${slug}`)).status).toBe(404)
  })
})

describe("GET /v1/webhooks/default/secret", () => {
  test("is one per account, made once and kept, as clients can decode it", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => call("GET", "/v1/webhooks/default/secret")))
    const keys = new Set(answers.map(({ body }) => body.key))
    expect(keys.size).toBe(1)
    const [key] = [...keys]
    expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
    expect(Buffer.from(key.split("_")[1], "base64")).toHaveLength(24)

    const other = await call("GET", "/v1/webhooks/default/secret", { token: await aToken((await anAccount()).actor) })
    expect(other.body.key).not.toBe(key)
  })
})
