import { sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { env } from "@/env"
import { networkTo } from "@/lib/test/network"
import { openPostgres } from "./postgres"
import type { DatabaseHandle } from "./handle"

const ask = async ({ reader }: DatabaseHandle) =>
  (await reader.select({ one: sql<number>`1` }).from(sql`(select) x`))[0]

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
