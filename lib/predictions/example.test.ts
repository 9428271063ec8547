import { beforeAll, describe, expect, test } from "vitest"

import { write } from "@/db"
import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { getModelJson } from "@/lib/models/model-json"
import { pageBytes } from "@/lib/page"
import { aModel, anAccount, aVersion } from "@/lib/test/factories"
import type { Version } from "@/lib/versions/version"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { addExample, chooseDefaultExample, findModelExample, isExample, listExamples, moveExample } from "./example"
import { maxExampleBytes } from "./stored-example"
import { deletePrediction, getPrediction } from "./prediction"
import { updatePrediction } from "./store"

let alice: Actor
let bob: Actor
let model: Model
let version: Version
let runs: string[]
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
  model = await aModel(alice)
  version = await aVersion(alice, model)
  runs = [await aFinishedRun(), await aFinishedRun(), await aFinishedRun()]
  for (const id of runs) await addExample(alice, model.owner, model.name, id)
})

async function aFinishedRun() {
  const made = await createPrediction(alice, { version: "named" }, { version: version.id, input: {} }, { origin: "" })
  await endPrediction(made, { status: "succeeded", output: "done" })
  return made.id
}

const order = async () => (await listExamples(null, model.owner, model.name)).rows.map(({ id }) => id)
const standsForIt = async () => (await findModelExample(bob, model.owner, model.name))?.id

test("an example moves one place at a time, and no further than the ends", async () => {
  const [a, b, c] = runs as [string, string, string]
  const move = (id: string, towards: "first" | "last") => moveExample(alice, model.owner, model.name, id, towards)
  await move(c, "first")
  expect(await order()).toEqual([a, c, b])
  await move(a, "first")
  expect(await order()).toEqual([a, c, b])
  await move(c, "last")
  expect(await order()).toEqual([a, b, c])
})

test("only who may edit the model moves its examples, and only examples are moved", async () => {
  await expect(moveExample(bob, model.owner, model.name, runs[0]!, "last")).rejects.toMatchObject({ kind: "forbidden" })
  const other = await aFinishedRun()
  await expect(moveExample(alice, model.owner, model.name, other, "last")).rejects.toMatchObject({ kind: "missing" })
})

test("the chosen example stands for the model, and the first one once its data is removed", async () => {
  const [a, b] = runs as [string, string]
  expect(await standsForIt()).toBe(a)
  await chooseDefaultExample(alice, model.owner, model.name, b)
  expect(await standsForIt()).toBe(b)
  await deletePrediction(alice, b)
  expect(await standsForIt()).toBe(a)
  expect(await isExample({ model_id: model.id, number: 0 })).toBe(false)
})

test("who only sees an example does not see where its account is told of it", async () => {
  const webhook = "https://hooks.example.com/secret"
  const body = { version: version.id, input: {}, webhook }
  const made = await createPrediction(alice, { version: "named" }, body, { origin: "" })
  await endPrediction(made, { status: "succeeded", output: "done" })
  await addExample(alice, model.owner, model.name, made.id)
  await chooseDefaultExample(alice, model.owner, model.name, made.id)
  const { owner, name } = model
  const seenBy = async (actor: Actor | null) => [
    await getPrediction(actor, made.id),
    await findModelExample(actor, owner, name),
    ...(await listExamples(actor, owner, name)).rows,
  ]
  for (const actor of [null, bob]) expect(JSON.stringify(await seenBy(actor))).not.toContain(webhook)
  expect(await getPrediction(alice, made.id)).toMatchObject({ webhook })
})

test("a private model's example is not there for others", async () => {
  const hidden = await aModel(alice, { visibility: "private" })
  await expect(findModelExample(bob, hidden.owner, hidden.name)).rejects.toMatchObject({ kind: "missing" })
  expect(await findModelExample(alice, hidden.owner, hidden.name)).toBeNull()
})

describe("large examples", () => {
  async function aRunOf(output: unknown, logs = "") {
    const made = await createPrediction(alice, { version: "named" }, { version: version.id, input: {} }, { origin: "" })
    await endPrediction(made, { status: "succeeded", output, logs })
    return made.id
  }

  test("what is too large for a model's JSON is not accepted as an example", async () => {
    const { owner, name } = await aModel(alice)
    const adding = addExample(alice, model.owner, model.name, await aRunOf("x".repeat(maxExampleBytes)))
    await expect(adding).rejects.toMatchObject({
      kind: "invalid",
      fields: { prediction: expect.stringContaining("at most 256 kB") },
    })
    await expect(addExample(alice, owner, name, await aRunOf("x"))).rejects.toMatchObject({ kind: "invalid" })
  })

  test("a model carries the end of its default example's logs, and no large example of earlier versions", async () => {
    const id = await aRunOf("done", `${"x".repeat(100_000)}end`)
    await addExample(alice, model.owner, model.name, id)
    await chooseDefaultExample(alice, model.owner, model.name, id)
    const json = async () => getModelJson(null, model.owner, model.name, "")
    expect((await json()).length).toBeLessThan(30_000)
    expect(await json()).toContain('xend"')
    expect((await getPrediction(null, id)).logs).toHaveLength(100_003)

    const { number } = await getPrediction(alice, id)
    await write((tx) => updatePrediction(tx, number, { output: "x".repeat(maxExampleBytes) }))
    await chooseDefaultExample(alice, model.owner, model.name, id)
    expect(JSON.parse(await json())).toMatchObject({ default_example: null })
  })

  test("a page of them ends early, and the next one goes on where it ended", async () => {
    const large = await aModel(alice)
    const its = await aVersion(alice, large)
    const made: string[] = []
    for (let n = 0; n < 7; n++) {
      const body = { version: its.id, input: {} }
      const run = await createPrediction(alice, { version: "named" }, body, { origin: "" })
      await endPrediction(run, { status: "succeeded", output: "x".repeat(250_000), logs: "y".repeat(100_000) })
      await addExample(alice, large.owner, large.name, run.id)
      made.push(run.id)
    }
    const first = await listExamples(null, large.owner, large.name)
    expect(first.rows.map(({ id }) => id)).toEqual(made.slice(0, 2))
    const pages = [first]
    while (pages.at(-1)!.next) pages.push(await listExamples(null, large.owner, large.name, pages.at(-1)!.next!))
    expect(pages.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(made)
    for (const { rows } of pages) expect(JSON.stringify(rows).length).toBeLessThan(pageBytes + 100_000)
  })
})
