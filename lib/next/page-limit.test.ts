import { encode } from "next-auth/jwt"
import { afterEach, beforeEach, expect, test } from "vitest"

import { env } from "@/env"
import { authSecret } from "@/lib/auth/secret"
import { createLimiter } from "@/lib/rate-limits/limiter"
import { endSession, openSession } from "@/lib/sessions/session"
import { anAccount } from "@/lib/test/factories"
import { admitPage } from "./page-limit"
import { isSignedIn } from "./session-cookie"

const given = { account: env.RATE_LIMIT_PER_MINUTE, network: env.ANONYMOUS_RATE_LIMIT_PER_MINUTE }
beforeEach(() => {
  env.RATE_LIMIT_PER_MINUTE = 3
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = 1
})
afterEach(() => {
  env.RATE_LIMIT_PER_MINUTE = given.account
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = given.network
})

const visitors = () => {
  const limiter = createLimiter({ shared: false })
  return (address: string, cookie?: string) =>
    admitPage({ headers: { "x-understudy-address": address, ...(cookie && { cookie }) } }, limiter)
}

/** A browser that is signed in to a new account. */
async function aBrowser() {
  const { owner: account } = await anAccount()
  const secret = await openSession(account, { address: null, user_agent: null })
  const sealed = await encode({ token: { secret }, secret: authSecret() })
  return { secret, cookie: `theme=dark; understudy.session=${sealed}` }
}

test("a network of visitors may ask for pages so often in a minute, whatever cookies it makes up", async () => {
  const ask = visitors()
  for (const cookie of [undefined, "understudy.session=junk", "a=b", "understudy.session=x.y.z", undefined])
    expect(await ask("192.0.2.1", cookie)).toBeNull()
  expect(await ask("192.0.2.1", "understudy.session=another")).toBeGreaterThan(50)
  expect(await ask("192.0.2.2")).toBeNull()
})

test("who is signed in is counted by account, from wherever, and not with the visitors beside them", async () => {
  const ask = visitors()
  const { cookie } = await aBrowser()
  for (let n = 0; n < 6; n++) await ask("192.0.2.1")
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) expect(await ask(address, cookie)).toBeNull()
  expect(await ask("192.0.2.4", cookie)).toBeGreaterThan(50)
  expect(await ask("192.0.2.1", (await aBrowser()).cookie)).toBeNull()
})

test("an ended session counts as a visitor", async () => {
  const ask = visitors()
  const { secret, cookie } = await aBrowser()
  await endSession(secret)
  for (let n = 0; n < 5; n++) expect(await ask("192.0.2.1", cookie)).toBeNull()
  expect(await ask("192.0.2.1", cookie)).toBeGreaterThan(50)
})

test("only a session that is open makes somebody more than a visitor", async () => {
  const { cookie } = await aBrowser()
  expect(await isSignedIn({ cookie })).toBe(true)
  for (const other of [undefined, "understudy.session=junk", "understudy.session=x.y.z", "a=b"])
    expect(await isSignedIn({ cookie: other })).toBe(false)
  const another = await aBrowser()
  await endSession(another.secret)
  expect(await isSignedIn({ cookie: another.cookie })).toBe(false)
})

test("0 means that there is no limit", async () => {
  env.ANONYMOUS_RATE_LIMIT_PER_MINUTE = 0
  const ask = visitors()
  for (let n = 0; n < 20; n++) expect(await ask("192.0.2.1")).toBeNull()
})
