import { eq } from "drizzle-orm"
import { beforeAll, describe, expect, test } from "vitest"

import { write } from "@/db"
import { versions } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { getModel, updateModel } from "@/lib/models/model"
import { aModel, anAccount, aVersion } from "@/lib/test/factories"
import { deleteVersion, getForm, getVersion, listVersions, listVersionsWithSchemas, parseMissingForms } from "./version"

let alice: Actor

beforeAll(async () => {
  alice = (await anAccount()).actor
})

test("what is pushed is the model's latest version, with its schema as it was", async () => {
  const model = await aModel(alice)
  const openapi_schema = {
    openapi: "3.0.2",
    components: { schemas: { Input: { properties: { zebra: { "x-order": 0 }, a: { "x-order": 1 } } } } },
  }
  const version = await aVersion(alice, model, { openapi_schema, cog_version: "0.16.7" })

  const { latest_version, listed_at } = await getModel(null, alice.username, model.name)
  expect(latest_version).toEqual({
    id: version.id,
    created_at: version.created_at,
    cog_version: "0.16.7",
  })
  const kept = await getVersion(null, alice.username, model.name, version.id)
  expect(kept.openapi_schema).toBe(JSON.stringify(openapi_schema))
  expect(listed_at).toBe(version.pushed_at)
})

test("the same id pushed again is the same version, and the latest once more", async () => {
  const model = await aModel(alice)
  const first = await aVersion(alice, model)
  const second = await aVersion(alice, model)
  const again = await aVersion(alice, model, { id: first.id })

  expect([again.number, again.created_at]).toEqual([first.number, first.created_at])
  expect((await getModel(alice, alice.username, model.name)).latest_version!.id).toBe(first.id)
  expect((await listVersions(alice, alice.username, model.name)).rows.map(({ id }) => id)).toEqual([
    first.id,
    second.id,
  ])
})

test("two models may hold a version of the same id", async () => {
  const { id } = await aVersion(alice, await aModel(alice))
  await expect(aVersion(alice, await aModel(alice), { id })).resolves.toMatchObject({ id })
})

test("only the owner pushes", async () => {
  const model = await aModel(alice)
  await expect(aVersion((await anAccount()).actor, model)).rejects.toMatchObject({ kind: "forbidden" })
})

test.each(["", "abc", "A".repeat(64), "0".repeat(63), "latest"])("%j is no id", async (id) => {
  await expect(aVersion(alice, await aModel(alice), { id })).rejects.toThrow()
})

test("of 16 simultaneous pushes all are kept and the newest is the latest", async () => {
  const model = await aModel(alice)
  await Promise.all(Array.from({ length: 16 }, () => aVersion(alice, model)))
  const { rows } = await listVersions(alice, alice.username, model.name)
  expect(rows).toHaveLength(16)
  const { latest_version, listed_at } = await getModel(alice, alice.username, model.name)
  expect(rows.map(({ id }) => id)).toContain(latest_version!.id)
  expect(rows.find(({ id }) => id === latest_version!.id)!.pushed_at).toBe(listed_at)
})

test("pages of 25, newest first, both ways", async () => {
  const model = await aModel(alice)
  const ids: string[] = []
  for (let n = 0; n < 60; n++) ids.unshift((await aVersion(alice, model)).id)

  const pages = [await listVersions(null, alice.username, model.name)]
  while (pages.at(-1)!.next) pages.push(await listVersions(null, alice.username, model.name, pages.at(-1)!.next!))
  expect(pages.map(({ rows }) => rows.length)).toEqual([25, 25, 10])
  expect(pages.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(ids)
  expect((await listVersions(null, alice.username, model.name, pages[2]!.previous!)).rows).toEqual(pages[1]!.rows)
})

describe("deleting", () => {
  test("the version is gone, and the one pushed before it is the latest, down to none", async () => {
    const model = await aModel(alice, { visibility: "private" })
    const first = await aVersion(alice, model)
    const second = await aVersion(alice, model)

    await deleteVersion(alice, alice.username, model.name, second.id)
    expect(await getModel(alice, alice.username, model.name)).toMatchObject({
      latest_version: { id: first.id },
      listed_at: first.pushed_at,
    })
    await expect(getVersion(alice, alice.username, model.name, second.id)).rejects.toMatchObject({ kind: "missing" })

    await deleteVersion(alice, alice.username, model.name, first.id)
    expect(await getModel(alice, alice.username, model.name)).toMatchObject({
      latest_version: null,
      latest_version_id: null,
      listed_at: model.created_at,
    })
  })

  test("an older version leaves the latest as it is", async () => {
    const model = await aModel(alice, { visibility: "private" })
    const first = await aVersion(alice, model)
    const second = await aVersion(alice, model)
    await deleteVersion(alice, alice.username, model.name, first.id)
    expect((await getModel(alice, alice.username, model.name)).latest_version!.id).toBe(second.id)
  })

  test("is refused while the model is public, and to everybody but its owner", async () => {
    const model = await aModel(alice)
    const { id } = await aVersion(alice, model)
    const stranger = (await anAccount()).actor
    await expect(deleteVersion(alice, alice.username, model.name, id)).rejects.toMatchObject({ kind: "invalid" })
    await expect(deleteVersion(stranger, alice.username, model.name, id)).rejects.toMatchObject({ kind: "forbidden" })
    await updateModel(alice, alice.username, model.name, { visibility: "private" })
    await expect(deleteVersion(stranger, alice.username, model.name, id)).rejects.toMatchObject({ kind: "missing" })
    await expect(deleteVersion(alice, alice.username, model.name, "0".repeat(64))).rejects.toMatchObject({
      kind: "missing",
    })
  })
})

test("what a version takes is read when it is pushed, and of older ones once after an upgrade", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor)
  const openapi_schema = {
    components: { schemas: { Input: { type: "object", properties: { prompt: { type: "string" } } } } },
  }
  const { id, number, form } = await aVersion(actor, model, { openapi_schema })
  expect(form?.inputs).toMatchObject([{ name: "prompt", kind: "string" }])
  expect(await getForm(actor, actor.username, model.name, id)).toEqual(form)

  await write(async (tx) => void (await tx.update(versions).set({ form: null }).where(eq(versions.number, number))))
  await parseMissingForms()
  expect((await getVersion(actor, actor.username, model.name, id)).form).toEqual(form)
})

test("a schema that fans out is published in time", async () => {
  const { actor } = await anAccount()
  const A = { anyOf: Array.from({ length: 40 }, () => ({ $ref: "#/components/schemas/A" })) }
  const openapi_schema = {
    components: { schemas: { Input: { properties: { x: { $ref: "#/components/schemas/A" } } }, A } },
  }
  const { form } = await aVersion(actor, await aModel(actor), { openapi_schema })
  expect(form?.inputs).toMatchObject([{ name: "x", kind: "any" }])
})

test("a list of versions ends its page early when their schemas are large", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor)
  const openapi_schema = { components: { schemas: { Input: { description: "x".repeat(250_000) }, Output: {} } } }
  const pushed: string[] = []
  for (let n = 0; n < 12; n++) pushed.unshift((await aVersion(actor, model, { openapi_schema })).id)

  const found: string[] = []
  let page = await listVersionsWithSchemas(null, actor.username, model.name)
  for (; ; page = await listVersionsWithSchemas(null, actor.username, model.name, page.next!)) {
    expect(JSON.stringify(page.rows).length).toBeLessThan(1.1 * 1024 * 1024)
    expect(page.rows.every((row) => row.openapi_schema !== null)).toBe(true)
    found.push(...page.rows.map(({ id }) => id))
    if (!page.next) break
  }
  expect(found).toEqual(pushed)
  const before = await listVersionsWithSchemas(null, actor.username, model.name, page.previous!)
  expect(before.rows.map(({ id }) => id)).toEqual(
    pushed.slice(-page.rows.length - before.rows.length, -page.rows.length),
  )
  expect(JSON.stringify(await listVersions(null, actor.username, model.name)).length).toBeLessThan(20_000)
})
