import { eq } from "drizzle-orm"
import { afterEach, expect, test, vi } from "vitest"

import { read } from "@/db"
import { sessions } from "@/db/schema"
import { actorFor, addUser } from "@/lib/owners/owner"
import { aName } from "@/lib/test/factories"
import { findSessionAccount, idOf, listSessions, openSession } from "./session"

const day = 24 * 3600_000
const visitor = { address: "192.0.2.1", user_agent: "Test/1.0" }

afterEach(() => {
  vi.useRealTimers()
})

// Our clock never goes back, so the test that goes furthest ahead comes last.
test("being used is written down at most every five minutes", async () => {
  const owner = await addUser({ username: aName() })
  const secret = await openSession(owner, visitor)
  const seen = async () =>
    (
      await read()
        .select()
        .from(sessions)
        .where(eq(sessions.id, idOf(secret)))
    )[0]!.last_seen_at
  const opened = await seen()
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 299_000 })
  for (let n = 0; n < 20; n++) await findSessionAccount(secret)
  expect(await seen()).toBe(opened)
  vi.setSystemTime(Date.now() + 2000)
  for (let n = 0; n < 20; n++) await findSessionAccount(secret)
  await vi.waitFor(async () => expect(await seen()).not.toBe(opened), { timeout: 30_000 })
  const noted = await seen()
  for (let n = 0; n < 20; n++) await findSessionAccount(secret)
  expect(await seen()).toBe(noted)
})

test("a session that was not used for two weeks is nobody's; one that is used goes on until its 30 days are over", async () => {
  const owner = await addUser({ username: aName() })
  const begin = Date.now()
  vi.useFakeTimers({ toFake: ["Date"], now: begin })
  const [used, unused] = [await openSession(owner, visitor), await openSession(owner, visitor)]
  const lastSeen = async (secret: string) =>
    Date.parse(
      (
        await read()
          .select()
          .from(sessions)
          .where(eq(sessions.id, idOf(secret)))
      )[0]!.last_seen_at,
    )
  const isOpenAfter = async (days: number, secret: string) => {
    vi.setSystemTime(begin + days * day)
    const found = await findSessionAccount(secret)
    // The use is recorded in the background.
    if (found)
      await vi.waitFor(async () => expect(Date.now() - (await lastSeen(secret))).toBeLessThan(1000), {
        timeout: 30_000,
      })
    return found !== undefined
  }

  expect(await isOpenAfter(13.9, used)).toBe(true)
  expect(await isOpenAfter(14.1, unused)).toBe(false)
  expect((await listSessions(actorFor(owner, "web"), used)).map(({ current }) => current)).toEqual([true])
  expect(await isOpenAfter(27.7, used)).toBe(true)
  expect(await isOpenAfter(29.9, used)).toBe(true)
  expect(await isOpenAfter(30.1, used)).toBe(false)
})
