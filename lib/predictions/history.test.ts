import { eq } from "drizzle-orm"
import { beforeAll, describe, expect, test } from "vitest"

import { read, write } from "@/db"
import { predictions } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import type { Model } from "@/lib/models/model"
import { pageBytes } from "@/lib/page"
import { aMember, anAccount, anOrganization, aToken } from "@/lib/test/factories"
import { aTextModel } from "@/lib/test/text-model"
import { authenticateToken } from "@/lib/tokens/token"
import type { Version } from "@/lib/versions/version"
import { publishPrediction } from "./channel"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { changePredictions, exportPredictions, listHistory } from "./history"
import { deletePrediction, getPrediction, listPredictions } from "./prediction"

let alice: Actor
let bob: Actor
let model: Model
let version: Version
beforeAll(async () => {
  ;({ alice, bob, model, version } = await aTextModel())
})

const run = async (input: Record<string, unknown>, by = alice, account?: { id: number; username: string }) =>
  createPrediction(by, { version: "named" }, { version: version.id, input }, { origin: "", account })
const ids = async (...[actor, ...rest]: Parameters<typeof listHistory>) =>
  (await listHistory(actor, ...rest)).rows.map(({ id }) => id)

test("runs are found by a text of their input, in any case and with any characters, and only the account's own", async () => {
  const quoted = await run({ text: 'Say "Grüße" 100%_\\ now' })
  const plain = await run({ text: "say nothing" })
  expect(await ids(alice, { text: "SAY" })).toEqual([plain.id, quoted.id])
  for (const text of ['"Grüße"', "100%_", "_\\ now"]) expect(await ids(alice, { text })).toEqual([quoted.id])
  expect(await ids(alice, { text: "%" })).toEqual([quoted.id])
  expect(await ids(bob, { text: "say" })).toEqual([])
})

test("a search leaves out long inputs, and ends after so many bytes of them", async () => {
  const { actor } = await anAccount()
  const oldest = await run({ text: "needle" }, actor)
  const long = await run({ text: `needle ${"x".repeat(300_000)}` }, actor)
  const newest = await run({ text: `needle ${"x".repeat(200_000)}` }, actor)
  expect(await ids(actor, { text: "needle" })).toEqual([newest.id, oldest.id])
  expect((await listHistory(actor)).rows.map(({ id }) => id)).toEqual([newest.id, long.id, oldest.id])

  // 100 of 200 kB are more than 16 MB.
  const { number: _, ...row } = (await read().select().from(predictions).where(eq(predictions.id, newest.id)))[0]!
  await write((tx) =>
    tx.insert(predictions).values(Array.from({ length: 100 }, () => ({ ...row, id: newId(), created_at: now() }))),
  )
  const found = await listHistory(actor, { text: "needle" }, undefined, undefined, 200)
  expect(found.rows.length).toBeGreaterThan(50)
  expect(found.rows.length).toBeLessThan(100)
  expect(found.rows.some(({ id }) => id === oldest.id)).toBe(false)
})

test("a page holds what fits, and its neighbours the rest, searched or not", async () => {
  const made: string[] = []
  for (let n = 0; n < 5; n++) made.unshift((await run({ text: "paged" })).id)
  const first = await listHistory(alice, { text: "paged" }, undefined, undefined, 2)
  const second = await listHistory(alice, { text: "paged" }, first.next!, undefined, 2)
  const back = await listHistory(alice, { text: "paged" }, second.previous!, undefined, 2)
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(made.slice(0, 4))
  expect(back.rows.map(({ id }) => id)).toEqual(made.slice(0, 2))
})

test("a run is found by the token that made it, the model and version, and how it stands", async () => {
  const token = (await authenticateToken(await aToken(alice), "api"))!
  const byToken = await run({ text: "token" }, token)
  expect(await ids(alice, { token: token.token_id })).toEqual([byToken.id])
  expect(await ids(alice, { source: "api" })).toEqual([byToken.id])
  await endPrediction(byToken, { status: "succeeded", output: "x", metrics: { predict_time: 2 } })
  expect(await ids(alice, { status: "succeeded" })).toEqual([byToken.id])
  expect((await listHistory(alice, { status: "succeeded" })).rows[0]).toMatchObject({ seconds: 2, cost_usd: null })
  expect(
    await ids(alice, { model: `${model.owner}/${model.name}`, version: version.id, token: token.token_id }),
  ).toEqual([byToken.id])
  expect(await ids(alice, { model: "no/such" })).toEqual([])
  await expect(listHistory(alice, { version: "x" })).rejects.toThrow()
})

test("runs are found by what they cost at least", async () => {
  const { actor } = await anAccount()
  const cost = async (text: string, cost_usd?: number) => {
    const made = await run({ text }, actor)
    await endPrediction(made, {
      status: "succeeded",
      output: "x",
      ...(cost_usd !== undefined && { metrics: { cost_usd } }),
    })
    return made.id
  }
  const [cheap, dear] = [await cost("cheap", 0.001), await cost("dear", 2.5)]
  await cost("for nothing")
  await run({ text: "runs" }, actor)
  expect(await ids(actor, { min_cost: 0.001 })).toEqual([dear, cheap])
  expect(await ids(actor, { min_cost: 1 })).toEqual([dear])
  expect(await ids(actor, { min_cost: 0.001, text: "cheap" })).toEqual([cheap])
  expect(await ids(actor, { min_cost: 3 })).toEqual([])
  await expect(listHistory(actor, { min_cost: -1 })).rejects.toThrow()
})

test("nothing of a secret is listed or found", async () => {
  const { id } = await run({ text: "with secret", key: "hunter2" })
  expect(await ids(alice, { text: "hunter2" })).toEqual([])
  const row = (await listHistory(alice)).rows.find((one) => one.id === id)!
  expect(row.inputPreview).toBe("")
})

test("several are cancelled or removed at once; those of others stay as they are", async () => {
  const [mine, other] = [await run({}), await run({}, bob)]
  expect(await changePredictions(alice, [mine.id, other.id, "nothing"], "cancel")).toBe(1)
  expect(await getPrediction(alice, mine.id)).toMatchObject({ status: "canceled" })
  expect(await getPrediction(bob, other.id)).toMatchObject({ status: "starting" })
  expect(await changePredictions(alice, [mine.id, other.id], "delete")).toBe(1)
  expect(await getPrediction(alice, mine.id)).toMatchObject({ data_removed: true })
})

test("members see an organization's runs, and a viewer changes none", async () => {
  const { organization, actor } = await anOrganization()
  const viewer = await aMember(actor, organization, "viewer")
  const made = await run({ text: "of the organization" }, actor, organization)
  expect(await ids(viewer, {}, undefined, organization)).toEqual([made.id])
  expect(await changePredictions(viewer, [made.id], "cancel")).toBe(0)
  await expect(listHistory(bob, {}, undefined, organization)).rejects.toMatchObject({ kind: "missing" })
})

test("an export has every run of the list, a line each, as the API shows it", async () => {
  const lines: string[] = []
  for await (const line of await exportPredictions(bob, {}, { id: bob.owner_id }, "http://here")) lines.push(line)
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(await ids(bob))
  expect(JSON.parse(lines[0]!)).toMatchObject({ urls: { web: expect.stringMatching(/^http:\/\/here\/p\//) } })
  await expect(exportPredictions(alice, {}, { id: bob.owner_id }, "")).rejects.toMatchObject({ kind: "missing" })
})

describe("large predictions", () => {
  let actor: Actor
  let made: string[]
  const text = "x".repeat(400_000)
  beforeAll(async () => {
    ;({ actor } = await anAccount())
    made = []
    for (let n = 0; n < 7; n++) {
      const row = await run({ text: n % 2 ? text : "short" }, actor)
      await endPrediction(row, { status: "succeeded", output: n % 3 ? text : "short", logs: "" })
      made.unshift(row.id)
    }
  })

  test("a page of them ends early, and the next one goes on where it ended, there and back", async () => {
    const seen: string[][] = []
    let page = await listPredictions(actor)
    for (; ; page = await listPredictions(actor, {}, page.next!)) {
      expect(JSON.stringify(page.rows).length).toBeLessThan(pageBytes + 20_000)
      seen.push(page.rows.map(({ id }) => id))
      if (!page.next) break
    }
    expect(seen.flat()).toEqual(made)
    expect(seen.length).toBeGreaterThan(2)

    const back: string[] = []
    while (page.previous) {
      page = await listPredictions(actor, {}, page.previous)
      expect(JSON.stringify(page.rows).length).toBeLessThan(pageBytes + 20_000)
      back.unshift(...page.rows.map(({ id }) => id))
    }
    expect(back).toEqual(made.slice(0, made.length - seen.at(-1)!.length))
  })

  test("one larger than a page is on a page of its own", async () => {
    const [longest, last] = [await run({ text: text.repeat(4) }, actor), await run({ text: "last" }, actor)]
    const first = await listPredictions(actor)
    expect(first.rows.map(({ id }) => id)).toEqual([last.id])
    expect((await listPredictions(actor, {}, first.next!)).rows.map(({ id }) => id)).toEqual([longest.id])
    for (const { id } of [longest, last]) await deletePrediction(actor, id)
  })

  test("one that is running counts as large as it has grown", async () => {
    const running = await run({ text: "grows" }, actor)
    const newest = await run({ text: "last" }, actor)
    publishPrediction({ ...running, status: "processing", output: text.repeat(4) })
    expect((await listPredictions(actor)).rows.map(({ id }) => id)).toEqual([newest.id])
    for (const { id } of [running, newest]) await deletePrediction(actor, id)
  })

  test("an export has all of them", async () => {
    const lines: string[] = []
    for await (const line of await exportPredictions(actor, { status: "succeeded" }, { id: actor.owner_id }, ""))
      lines.push((JSON.parse(line) as { id: string }).id)
    expect(lines).toEqual(made)
  })
})
