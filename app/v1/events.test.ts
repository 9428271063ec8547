import { beforeAll, describe, expect, test } from "vitest"

import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, anOrganization, anAccount, aToken } from "@/lib/test/factories"
import { issueToken } from "@/lib/tokens/token"

let call: CallApi
beforeAll(async () => {
  ;({ call } = await apiFor())
})

describe("GET /v1/account/events", () => {
  test("tells what happened to the account of the token, newest first, and which token did it from where", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor, { name: "laptop" })
    const headers = { "x-understudy-address": "192.0.2.5" }
    await call("POST", "/v1/models", {
      token,
      headers,
      body: { owner: actor.username, name: "hotdog", visibility: "private", hardware: "cpu" },
    })
    await call("PATCH", `/v1/models/${actor.username}/hotdog`, {
      token,
      headers,
      body: { description: "Tells hot dogs apart", visibility: "public" },
    })
    const { body } = await call("GET", "/v1/account/events", { token })
    expect(body.results.slice(0, 2)).toMatchObject([
      {
        action: "model.updated",
        subject: "hotdog",
        details: { description: "changed", visibility_was: "private", visibility: "public" },
      },
      {
        action: "model.created",
        actor: actor.username,
        subject: "hotdog",
        via: "api",
        token: "laptop",
        address: "192.0.2.5",
      },
    ])
    expect(JSON.stringify(body)).not.toContain(token.slice(3, 34))
  })

  test("is narrowed by topic and pages on with the same filter", async () => {
    const { actor } = await anAccount()
    const token = await aToken(actor)
    for (let n = 0; n < 51; n++) await aModel(actor)
    const first = (await call("GET", "/v1/account/events?topic=models", { token })).body
    expect(first.results).toHaveLength(50)
    const next = new URL(first.next)
    expect(next.searchParams.get("topic")).toBe("models")
    const second = (await call("GET", next.pathname + next.search, { token })).body
    expect(second.results).toHaveLength(1)
    expect((await call("GET", "/v1/account/events?topic=gossip", { token })).body).toMatchObject({
      status: 400,
      errors: [{ pointer: "/topic" }],
    })
  })

  test("of an organization is read with one of its tokens, and with no other", async () => {
    const { organization, actor } = await anOrganization()
    const { secret } = await issueToken(actor, { name: "ci" }, organization)
    const actions = async (token: string) =>
      (await call("GET", "/v1/account/events", { token })).body.results.map(({ action }: { action: string }) => action)
    expect(await actions(secret)).toEqual(["token.issued", "account.opened"])
    expect(await actions(await aToken(actor))).not.toContain("model.created")
    expect((await call("GET", "/v1/account", { token: secret })).body).toMatchObject({
      type: "organization",
      username: organization.username,
    })
  })
})
