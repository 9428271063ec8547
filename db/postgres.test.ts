import { eq, sql } from "drizzle-orm"
import { describe, expect, test } from "vitest"

import { owners } from "@/db/schema"
import { anAccount } from "@/lib/test/factories"
import { engine, write, type Db } from "."
import { dialect } from "./kit"

const countOf = async (db: Db, id: number) => {
  const [row] = await db.select({ models: owners.model_count }).from(owners).where(eq(owners.id, id))
  return row!.models
}
const count = async (tx: Db, id: number) => {
  await tx
    .update(owners)
    .set({ model_count: sql`${owners.model_count} + 1` })
    .where(eq(owners.id, id))
  return countOf(tx, id)
}

describe.runIf(dialect === "pg")("on PostgreSQL", () => {
  test("writes of two accounts do not conflict, however few accounts there are", async () => {
    const [one, other] = [await anAccount(), await anAccount()]
    await engine().pg!`analyze owners`
    let attempts = 0
    const arrived = Promise.withResolvers<void>()
    const counted = (id: number) =>
      write(async (tx) => {
        await count(tx, id)
        if (++attempts === 2) arrived.resolve()
        await arrived.promise
        return countOf(tx, id)
      }, `owner ${id}`)
    expect(await Promise.all([counted(one.owner.id), counted(other.owner.id)])).toEqual([1, 1])
    expect(attempts).toBe(2)
  })
})
