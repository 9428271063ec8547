import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { databaseHandle } from "@/db"
import { env } from "@/env"
import { newSecret } from "@/lib/tokens/secret"
import { apiFor } from "@/lib/test/api"
import { anAccount, aToken } from "@/lib/test/factories"
import { createLimiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"
import { rateLimiter } from "./rate-limit"

const given = { token: env.RATE_LIMIT_PER_MINUTE, address: env.ANONYMOUS_RATE_LIMIT_PER_MINUTE }

beforeEach(() => {
  env.RATE_LIMIT_PER_MINUTE = 5
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = 3
})

afterEach(() => {
  env.RATE_LIMIT_PER_MINUTE = given.token
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = given.address
  vi.useRealTimers()
})

const aCaller = async () => {
  const { actor } = await anAccount()
  // Requests of the set-up must not count.
  const { RATE_LIMIT_PER_MINUTE, ANONYMOUS_RATE_LIMIT_PER_MINUTE } = env
  Object.assign(env, { RATE_LIMIT_PER_MINUTE: 0, ANONYMOUS_RATE_LIMIT_PER_MINUTE: 0 })
  const api = await apiFor(await aToken(actor))
  Object.assign(env, { RATE_LIMIT_PER_MINUTE, ANONYMOUS_RATE_LIMIT_PER_MINUTE })
  return { actor, ...api }
}

describe("a token", () => {
  test("may use its whole minute in one burst, is told what is left, and is then throttled until the minute is over", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] })
    const { call } = await aCaller()
    const burst = await Promise.all(Array.from({ length: 5 }, () => call("GET", "/v1/account")))
    expect(burst.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(burst.map(({ headers }) => headers["ratelimit-remaining"]).sort()).toEqual(["0", "1", "2", "3", "4"])
    expect(burst[0]!.headers).toMatchObject({ "ratelimit-limit": "5", "ratelimit-reset": "60" })

    vi.advanceTimersByTime(53_000)
    const { status, body, headers } = await call("GET", "/v1/account")
    expect(status).toBe(429)
    expect(body).toEqual({
      title: "Too many requests",
      detail: "Request was throttled. Your rate limit resets in ~7s.",
      status: 429,
      retry_after: 7,
    })
    expect(headers).toMatchObject({ "retry-after": "7", "ratelimit-remaining": "0", "ratelimit-reset": "7" })

    vi.advanceTimersByTime(7000)
    expect((await call("GET", "/v1/account")).status).toBe(200)
  })

  test("has a limit of its own, whatever it calls and whether that is there or not", async () => {
    const { actor, call } = await aCaller()
    for (const [method, url] of [
      ["GET", "/v1/models"],
      ["POST", "/v1/models"],
      ["GET", "/v1/nothing"],
      ["PUT", "/v1/models"],
      ["HEAD", "/v1/hardware"],
    ] as const)
      expect((await call(method, url)).status).not.toBe(429)
    expect((await call("GET", "/v1/models")).status).toBe(429)
    expect((await call("GET", "/v1/nothing")).status).toBe(429)
    expect((await call("GET", "/v1/models", { token: await aToken(actor) })).status).toBe(200)
  })

  test("shares five times that limit with the other tokens of its account", async () => {
    const { actor, call } = await aCaller()
    const others = await Promise.all(Array.from({ length: 5 }, () => aToken(actor)))
    for (const token of others)
      for (let n = 0; n < 5; n++) expect((await call("GET", "/v1/models", { token })).status).toBe(200)
    const { status, headers } = await call("GET", "/v1/models")
    expect([status, headers["ratelimit-limit"], headers["ratelimit-remaining"]]).toEqual([429, "5", "0"])
    expect((await call("GET", "/v1/models", { token: await aToken((await anAccount()).actor) })).status).toBe(200)
  })

  test("that asks too often leaves the others of its account their share", async () => {
    const { actor, call } = await aCaller()
    for (let n = 0; n < 40; n++) await call("GET", "/v1/models")
    expect((await call("GET", "/v1/models", { token: await aToken(actor) })).status).toBe(200)
  })
})

describe("without a valid token", () => {
  test("an address is counted, so that tokens cannot be guessed in a hurry", async () => {
    const { call } = await aCaller()
    const from = (address: string, token: string | null) =>
      call("GET", "/v1/account", { token, headers: { "x-understudy-address": address } })
    expect((await from("192.0.2.1", null)).status).toBe(401)
    expect((await from("192.0.2.1", newSecret())).status).toBe(401)
    expect((await from("192.0.2.1", "junk")).status).toBe(401)
    expect((await from("192.0.2.1", newSecret())).status).toBe(429)
    expect((await from("192.0.2.1", null)).body).toMatchObject({ status: 429, retry_after: expect.any(Number) })
    expect((await from("192.0.2.2", null)).status).toBe(401)
  })

  test("the valid tokens of the same address go on", async () => {
    const { call } = await aCaller()
    for (let n = 0; n < 4; n++) await call("GET", "/v1/account", { token: null })
    expect((await call("GET", "/v1/account", { token: null })).status).toBe(429)
    expect((await call("GET", "/v1/account")).status).toBe(200)
  })

  test("the open routes are counted too", async () => {
    const { call } = await aCaller()
    for (let n = 0; n < 3; n++)
      expect(
        (await call("GET", "/v1/openapi.json", { token: null, headers: { "x-understudy-address": "192.0.2.7" } }))
          .status,
      ).toBe(200)
    expect(
      (await call("GET", "/v1/openapi.json", { token: null, headers: { "x-understudy-address": "192.0.2.7" } })).status,
    ).toBe(429)
  })
})

describe("machines that count together", () => {
  const ask = (admit: ReturnType<typeof rateLimiter>, token_id: number) => {
    const headers: Record<string, unknown> = {}
    const reply = { header: (name: string, value: unknown) => ((headers[name] = value), reply) }
    return Promise.resolve()
      .then(() => admit({ headers: {} } as never, reply as never, { token_id, owner_id: token_id } as never))
      .then(
        () => ({ through: true, headers }),
        (error: unknown) => ({ through: false, error, headers }),
      )
  }

  test.each([7, 60, 600])(
    "never let more than %i through, and hardly less, however the requests are spread",
    async (limit) => {
      env.RATE_LIMIT_PER_MINUTE = limit
      const machines = Array.from({ length: 3 }, () => rateLimiter(createLimiter({ shared: true })))
      const asked = limit * 2
      const answers = []
      for (let n = 0; n < asked; n += 20)
        answers.push(
          ...(await Promise.all(
            Array.from({ length: 20 }, (_, one) => ask(machines[(n + one * one) % 3]!, 1_000_000 + limit)),
          )),
        )
      const through = answers.filter(({ through }) => through).length
      expect(through).toBeLessThanOrEqual(limit)
      expect(through).toBeGreaterThanOrEqual(limit - 2 * Math.ceil(limit / 60))
      for (const { through, ...refused } of answers)
        if (!through)
          expect(refused).toMatchObject({ error: { kind: "throttled" }, headers: { "ratelimit-remaining": 0 } })
    },
  )

  test("one that is asked alone gives all of it, and tells what is left", async () => {
    env.RATE_LIMIT_PER_MINUTE = 100
    const admit = rateLimiter(createLimiter({ shared: true }))
    const remaining = []
    for (let n = 0; n < 100; n++) remaining.push((await ask(admit, 1_000_001)).headers["ratelimit-remaining"])
    expect(remaining).toEqual(Array.from({ length: 100 }, (_, n) => 99 - n))
    expect((await ask(admit, 1_000_001)).through).toBe(false)
  })

  test("count alone while the database refuses", async () => {
    const { sqlite, pg } = databaseHandle()
    const rename = async (from: string, to: string) =>
      sqlite ? sqlite.exec(`alter table ${from} rename to ${to}`) : pg!.unsafe(`alter table ${from} rename to ${to}`)
    await rename("rate_limits", "rate_limits_away")
    const admit = rateLimiter(createLimiter({ shared: true }))
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(admit, 1_000_002))).finally(() =>
      rename("rate_limits_away", "rate_limits"),
    )
    expect(answers.filter(({ through }) => through)).toHaveLength(5)
  })
})

test("0 means that there is no limit", async () => {
  env.RATE_LIMIT_PER_MINUTE = 0
  const { call } = await aCaller()
  for (let n = 0; n < 10; n++) {
    const { status, headers } = await call("GET", "/v1/account")
    expect([status, headers["ratelimit-remaining"]]).toEqual([200, undefined])
  }
})

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  [undefined, "unknown"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network)
})
