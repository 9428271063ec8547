import { eq, gte, sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { hardware, models, owners, tokens } from "@/db/schema"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { preparedQueryWithin, read, write } from "."
import { compiledQuery } from "./compiled-query"

/** The rows of the compiled query and of Drizzle, which must be equal. */
async function both(query: { prepare(name: string): unknown }, name: string, values?: Record<string, unknown>) {
  const drizzles = query.prepare(name) as {
    execute(values?: Record<string, unknown>): Promise<Record<string, unknown>[]>
  }
  const [ours, theirs] = [await compiledQuery(drizzles).execute(values), await drizzles.execute(values)]
  expect(ours).toEqual(theirs)
  return ours
}

test("a compiled query answers what Drizzle's own does: texts, numbers, truths, lists, nothing at all", async () => {
  const { actor } = await anAccount()
  await aToken(actor, { scopes: ["read", "push"] })
  const rows = await both(
    read()
      .select({
        id: tokens.id,
        scopes: tokens.scopes,
        model_id: tokens.model_id,
        is_admin: owners.is_admin,
        twice: sql<number>`${tokens.id} * 2`,
        called: sql<string>`'x'`.as("called"),
      })
      .from(tokens)
      .innerJoin(owners, eq(owners.id, tokens.owner_id))
      .where(eq(tokens.owner_id, sql.placeholder("owner"))),
    "settled_tokens",
    { owner: actor.owner_id },
  )
  expect(rows).toMatchObject([{ scopes: ["read", "push"], model_id: null, is_admin: expect.any(Boolean), called: "x" }])
  expect((await both(read().select().from(hardware), "settled_hardware")).length).toBeGreaterThan(10)
})

test("parameters are handed over as Drizzle does: in its spelling of the column, and not without one that is missing", async () => {
  const { actor } = await anAccount()
  await aModel(actor)
  const official = (is: boolean) =>
    both(
      read()
        .select({ id: models.id })
        .from(models)
        .where(gte(models.is_official, sql.param(sql.placeholder("is"), models.is_official))),
      "settled_official",
      { is },
    )
  expect((await official(false)).length).toBeGreaterThan((await official(true)).length)
  const query = compiledQuery(
    read()
      .select()
      .from(owners)
      .where(eq(owners.id, sql.placeholder("id")))
      .prepare(),
  ) as { execute(values: object): Promise<unknown> }
  await expect(query.execute({})).rejects.toThrow('"id"')
})

test("objects of columns are there, or absent as a whole where nothing was joined", async () => {
  const { actor } = await anAccount()
  const { id } = await aModel(actor)
  const joined = (other: number, name: string) =>
    both(
      read()
        .select({
          model: { id: models.id, listed_at: models.listed_at },
          hardware: models.hardware,
          owner: { id: owners.id, username: owners.username, email: owners.email },
        })
        .from(models)
        .leftJoin(owners, eq(owners.id, sql`${sql.raw(String(other))}`))
        .where(eq(models.id, sql.placeholder("id"))),
      name,
      { id },
    )
  expect(await joined(-1, "settled_absent")).toMatchObject([{ model: { id }, hardware: "cpu", owner: null }])
  expect(await joined(actor.owner_id, "settled_there")).toMatchObject([{ owner: { id: actor.owner_id, email: null } }])
  expect(
    await both(
      read()
        .select({ owner: { id: owners.id }, model: { id: models.id } })
        .from(owners)
        .innerJoin(models, eq(models.owner_id, owners.id))
        .where(eq(models.id, id)),
      "settled_inner",
    ),
  ).toEqual([{ owner: { id: actor.owner_id }, model: { id } }])
})

test("a query within writes is built once and sees the changes of its own transaction only", async () => {
  const { actor } = await anAccount()
  let built = 0
  const countOf = preparedQueryWithin("settled_count", (tx) => {
    built++
    return tx
      .select({ models: owners.model_count })
      .from(owners)
      .where(eq(owners.id, sql.placeholder("id")))
  })
  const change = preparedQueryWithin("settled_change", (tx) =>
    tx
      .update(owners)
      .set({ model_count: sql`${owners.model_count} + 1` })
      .where(eq(owners.id, sql.placeholder("id"))),
  )
  const counted = (fails: boolean) =>
    write(async (tx) => {
      await change(tx).execute({ id: actor.owner_id })
      const [row] = await countOf(tx).execute({ id: actor.owner_id })
      if (fails) throw new Error(`${row!.models} models`)
      return row!.models
    })
  await expect(counted(true)).rejects.toThrow("1 models")
  expect(await counted(false)).toBe(1)
  expect(await counted(false)).toBe(2)
  expect(built).toBe(1)
})
