import { eq, sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { owners } from "@/db/schema"
import { anAccount } from "@/lib/test/factories"
import { databaseHandle, write, type Db } from "."

const countOf = async (db: Db, id: number) => {
  const [row] = await db.select({ models: owners.model_count }).from(owners).where(eq(owners.id, id))
  return row!.models
}
const count = (tx: Db, id: number) =>
  tx
    .update(owners)
    .set({ model_count: sql`${owners.model_count} + 1` })
    .where(eq(owners.id, id))
/** Which transaction this is, as the databases name them. */
const transactionOf = async (tx: Db) =>
  (
    await tx
      .select({ id: sql<string>`pg_current_xact_id()::text` })
      .from(owners)
      .limit(1)
  )[0]!.id

test("writes that wait for the same row share a transaction", async () => {
  const { owner } = await anAccount()
  const transactions = await Promise.all(
    Array.from({ length: 20 }, () =>
      write(async (tx) => {
        await count(tx, owner.id)
        return transactionOf(tx)
      }, `owner ${owner.id}`),
    ),
  )
  expect(new Set(transactions).size).toBe(2)
})

test("writes of two accounts do not conflict, however few accounts there are", async () => {
  const [one, other] = [await anAccount(), await anAccount()]
  await databaseHandle().pg!`analyze owners`
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
