import { setTimeout as sleep } from "node:timers/promises"
import { sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { env } from "@/env"
import { networkTo } from "@/lib/test/network"
import { owners } from "@/db/schema"
import { openPostgres } from "./postgres"
import type { DatabaseHandle } from "./handle"

const ask = async ({ reader }: DatabaseHandle) =>
  (await reader.select({ one: sql<number>`1` }).from(sql`(select) x`))[0]

test("connections that have become silent are cut, and the next queries connect anew", async () => {
  const network = await networkTo(env.DATABASE_URL!)
  const database = openPostgres(network.url)
  let reports = 0
  await Promise.all([ask(database), ask(database), ask(database)])
  network.down()
  const lost = Promise.allSettled([ask(database), database.write(async (tx) => void (await tx.select().from(owners)))])
  expect(await Promise.race([lost, sleep(500, "waits")])).toBe("waits")
  network.up()
  const stop = database.watch!(() => reports++, { every: 50, patience: 300 })
  for (const { status, ...rest } of await lost) {
    expect(status).toBe("rejected")
    const { reason } = rest as { reason: { code?: string; cause?: { code?: string } } }
    expect(reason.code ?? reason.cause?.code).toBe("CONNECTION_CLOSED")
  }
  expect(await ask(database)).toEqual({ one: 1 })
  expect(reports).toBe(1)
  stop()
  await database.close()
  network.close()
})

test("a connection that has become silent is cut while others answer", async () => {
  const network = await networkTo(env.DATABASE_URL!)
  const database = openPostgres(network.url)
  await ask(database)
  network.down()
  const lost = Promise.allSettled([ask(database)])
  network.up()
  // The lost query has the only connection, so this is answered by a new one.
  expect(await ask(database)).toEqual({ one: 1 })
  let reports = 0
  const stop = database.watch!(() => reports++, { every: 50, silence: 500 })
  expect((await lost)[0].status).toBe("rejected")
  expect(reports).toBeGreaterThan(0)
  stop()
  await database.close()
  network.close()
})

test("a query that takes long is not cut", async () => {
  const database = openPostgres(env.DATABASE_URL!)
  let reports = 0
  const stop = database.watch!(() => reports++, { every: 50, patience: 500 })
  expect(await database.pg!`select 1 as one, pg_sleep(2)`).toMatchObject([{ one: 1 }])
  expect(reports).toBe(0)
  stop()
  await database.close()
})

test("queries that wait for a busy database are not cut", async () => {
  env.DATABASE_CONNECTIONS = 2
  const database = openPostgres(env.DATABASE_URL!)
  let reports = 0
  const busy = Array.from({ length: 20 }, async () => database.pg!`select pg_sleep(0.3)`)
  const stop = database.watch!(() => reports++, { every: 50, patience: 500 })
  for (const { status } of await Promise.allSettled(busy)) expect(status).toBe("fulfilled")
  expect(reports).toBe(0)
  stop()
  await database.close()
})

test("however long the database has been away, a query fails within seconds", async () => {
  const network = await networkTo(env.DATABASE_URL!)
  network.close()
  env.DATABASE_CONNECTIONS = 2
  const database = openPostgres(network.url)
  for (let tries = 0; tries < 10; tries++) {
    const began = performance.now()
    await expect(ask(database)).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(3000)
  }
  await database.close()
})
