import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"

import { env } from "@/env"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { aRegistry, basic, type Registry } from "@/lib/test/registry"

const given = { token: env.RATE_LIMIT_PER_MINUTE, network: env.ANONYMOUS_RATE_LIMIT_PER_MINUTE }
let registry: Registry
beforeAll(async () => {
  registry = await aRegistry()
})
afterAll(() => registry.close())
beforeEach(() => {
  env.RATE_LIMIT_PER_MINUTE = 4
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = 3
})
afterEach(() => {
  env.RATE_LIMIT_PER_MINUTE = given.token
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = given.network
})

const statuses = async (count: number, ask: (n: number) => ReturnType<Registry["call"]>) => {
  const found: number[] = []
  for (let n = 0; n < count; n++) found.push((await ask(n)).status)
  return found
}
const from = (address: string) => ({ "x-understudy-address": address })

describe("the registry", () => {
  test("counts a token's requests, and says when it is worth trying again", async () => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    const auth = basic(actor.username, await aToken(actor))
    const ask = () => registry.call("GET", `/v2/${actor.username}/${name}/tags/list`, { auth })
    expect(await statuses(4, ask)).toEqual([200, 200, 200, 200])
    expect(await ask()).toMatchObject({
      status: 429,
      code: "TOOMANYREQUESTS",
      headers: { "retry-after": expect.stringMatching(/^\d+$/) },
    })
  })

  test("counts the requests of all tokens of an account together", async () => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    const ask = async () => {
      const auth = basic(actor.username, await aToken(actor))
      return statuses(4, () => registry.call("GET", `/v2/${actor.username}/${name}/tags/list`, { auth }))
    }
    for (let n = 0; n < 5; n++) expect(await ask()).toEqual([200, 200, 200, 200])
    expect(await ask()).toEqual([429, 429, 429, 429])
  })

  test("counts a network without a token, guesses at tokens included", async () => {
    const guess = (n: number) =>
      registry.call("GET", "/v2/", { auth: basic("alice", `guess-${n}`), headers: from("192.0.2.10") })
    expect(await statuses(4, guess)).toEqual([401, 401, 401, 429])
    expect((await registry.call("GET", "/v2/", { headers: from("192.0.2.10") })).status).toBe(429)
    expect((await registry.call("GET", "/v2/", { headers: from("192.0.2.11") })).status).toBe(401)
  })

  test("and what Cog asks before it has one", async () => {
    const verify = () =>
      registry.call("POST", "/cog/v1/verify-token", { body: "token=guess", headers: from("192.0.2.12") })
    expect(await statuses(4, verify)).toEqual([404, 404, 404, 429])
  })
})
