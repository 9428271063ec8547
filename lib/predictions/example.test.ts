import { beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { aModel, anAccount, aVersion } from "@/lib/test/factories"
import type { Version } from "@/lib/versions/version"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { addExample, chooseDefaultExample, findModelExample, isExample, listExamples, moveExample } from "./example"
import { deletePrediction, getPrediction } from "./prediction"

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
  const made = await createPrediction(alice, { version: "named" }, { version: version.id, input: {} }, { site: "" })
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
  const made = await createPrediction(alice, { version: "named" }, body, { site: "" })
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
