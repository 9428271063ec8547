import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { updateProfile } from "@/lib/owners/profile"
import { getAccount } from "@/lib/owners/owner"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, aName, anAccount, aToken, modelInput } from "@/lib/test/factories"
import { issueToken, listTokens } from "@/lib/tokens/token"

// PostgreSQL cannot store NUL or lone surrogates in text. Both databases must behave alike.

let actor: Actor
let model: Model
let call: CallApi
beforeAll(async () => {
  ;({ actor } = await anAccount())
  ;({ call } = await apiFor(await aToken(actor)))
  model = await aModel(actor)
})

describe("in what is looked for", () => {
  test.each([
    ["/v1/models/%00/x", 404],
    ["/v1/models/a%00/x", 404],
    ["/v1/models/a/%00", 404],
    ["/v1/collections/%00", 404],
    ["/v1/account/events?actor=%00", 200],
    ["/v1/account/events?actor=%ed%a0%80", 200],
    ["/v1/search?query=a%00b", 200],
  ])("%s is answered with %i", async (address, status) => {
    expect((await call("GET", address)).status).toBe(status)
  })

  test("a cursor that was made up finds nothing worse than a page", async () => {
    for (const key of [
      ["\ud800", 1],
      ["2026", Number.MAX_SAFE_INTEGER],
      ["2026", -1],
    ])
      for (const list of [
        "/v1/models",
        "/v1/account/models",
        "/v1/account/events",
        "/v1/collections",
        `/v1/models/${model.owner}/${model.name}/versions`,
      ])
        expect(
          (await call("GET", `${list}?cursor=${Buffer.from(JSON.stringify(key)).toString("base64url")}`)).status,
        ).toBe(200)
  })
})

describe("in what is kept", () => {
  test("they are taken out of links, and of texts", async () => {
    const { status, body } = await call("POST", "/v1/models", {
      body: modelInput(actor, { github_url: "https://example.com/\0ü/\ud800", description: "a\0b\ud800" }),
    })
    expect([status, body.github_url, body.description]).toEqual([
      201,
      "https://example.com/%C3%BC/%EF%BF%BD",
      "ab\ufffd",
    ])
    expect((await call("GET", `/v1/models/${body.owner}/${body.name}`)).body.github_url).toBe(
      "https://example.com/%C3%BC/%EF%BF%BD",
    )
    await expect(
      updateProfile(actor, await getAccount(actor.username), { name: "A\0", avatar_url: "https://example.com/\0b" }),
    ).resolves.toMatchObject({ name: "A", avatar_url: "https://example.com/b" })
  })

  test("where nothing takes them out they do no harm", async () => {
    expect((await call("POST", "/v1/models", { body: { ...modelInput(actor), hardware: "\0" } })).status).toBe(400)
    expect((await call("PATCH", `/v1/models/${model.owner}/${model.name}`, { body: { hardware: "\0" } })).status).toBe(
      400,
    )
    const name = aName("token")
    await issueToken(actor, { name: `${name}\0` })
    expect((await listTokens(actor)).filter((token) => token.name.startsWith(name))).toHaveLength(1)
  })
})
