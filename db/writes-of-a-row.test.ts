import { eq, sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { owners } from "@/db/schema"
import { anAccount } from "@/lib/test/factories"
import { read, write, type Db } from "."

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
test("writes of the same row are done in order, all of them", async () => {
  const { owner } = await anAccount()
  const counts = await Promise.all(
    Array.from({ length: 100 }, () => write((tx) => count(tx, owner.id), `owner ${owner.id}`)),
  )
  expect(counts).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
  expect(await countOf(read(), owner.id)).toBe(100)
})

test("a write that fails changes nothing, and the others of its row are done", async () => {
  const { owner } = await anAccount()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      write(async (tx) => {
        await count(tx, owner.id)
        if (n % 3 === 1) throw new Error(`The write ${n} fails.`)
        return n
      }, `owner ${owner.id}`),
    ),
  )
  expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : String(outcome.reason)))).toEqual(
    Array.from({ length: 10 }, (_, n) => (n % 3 === 1 ? `Error: The write ${n} fails.` : n)),
  )
  expect(await countOf(read(), owner.id)).toBe(7)
})
