import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { getModel, getEditableModel, requireCanEdit, type Model } from "@/lib/models/model"
import { writeModelAs } from "@/lib/models/write"
import { countFitting, decodeCursor, encodeCursor, type Page } from "@/lib/page"
import { invalid, missing, problem } from "@/lib/problem"
import { expiryWithin } from "./expiry"
import {
  deleteExample,
  findDefaultExample,
  insertExample,
  isExampleOf,
  listExampleSizes,
  makeDefault,
  orderOfExamples,
  placeExamples,
  refreshDefaultExample,
} from "./example-store"
import { isLargeExample, toStoredExample, maxExampleBytes } from "./stored-example"
import { getPrediction } from "./prediction"
import type { Prediction } from "./row"
import { shownTo } from "./shown"
import { findPredictions, updatePrediction } from "./store"

const pageSize = 25
const maxExamples = 100

/**
 * A page of a model's examples in the owner's order; shorter if it reaches the size limit. Throws what `getModel`
 * throws.
 */
export async function listExamples(
  actor: Actor | null,
  owner: string,
  name: string,
  from?: string,
): Promise<Page<Prediction>> {
  const model = await getModel(actor, owner, name)
  const after = from === undefined ? undefined : decodeCursor(from).key[1]
  const found = await listExampleSizes(model.id, after, pageSize + 1)
  const shown = found.slice(
    0,
    countFitting(found.slice(0, pageSize), ({ bytes }) => bytes),
  )
  const stored = await findPredictions(shown.map(({ number }) => number))
  return {
    rows: shown.flatMap(({ number }) => stored.get(number) ?? []).map((prediction) => shownTo(actor, prediction)),
    next: found.length > shown.length ? encodeCursor({ key: ["", shown.at(-1)!.position], reverse: false }) : null,
    previous: null,
  }
}

/** A model's default example; null if it has none. Throws what `getModel` throws. */
export async function findModelExample(actor: Actor | null, owner: string, name: string): Promise<Prediction | null> {
  const example = await findDefaultExample((await getModel(actor, owner, name)).id)
  return example ? shownTo(actor, example) : null
}

/** Whether a prediction is an example of its model. */
export const isExample = ({ model_id, number }: Pick<Prediction, "model_id" | "number">): Promise<boolean> =>
  isExampleOf(model_id, number)

/** Moves an example by one position. Throws what `removeExample` throws. */
export async function moveExample(
  actor: Actor,
  owner: string,
  name: string,
  id: string,
  towards: "first" | "last",
): Promise<void> {
  const { model, prediction } = await ownExample(actor, owner, name, id)
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    const order = await orderOfExamples(tx, model.id)
    const place = order.indexOf(prediction.number)
    if (place < 0) throw missing()
    const other = place + (towards === "first" ? -1 : 1)
    if (other < 0 || other >= order.length) return
    ;[order[place], order[other]] = [order[other]!, order[place]!]
    await placeExamples(tx, model.id, order)
    await refreshDefaultExample(tx, model.id, toStoredExample)
  })
}

/**
 * Makes a prediction an example: everybody who sees the model can see it, and its data does not expire. Throws what
 * `getEditableModel` and `getPrediction` throw, and `invalid` if it belongs to another model, did not succeed, is too
 * large or has no data.
 */
export async function addExample(actor: Actor, owner: string, name: string, id: string): Promise<Prediction> {
  const model = await getEditableModel(actor, owner, name)
  const prediction = await getPrediction(actor, id)
  if (!may(actor, "see", prediction.owner_id)) throw missing()
  if (prediction.model_id !== model.id || prediction.operation === "train")
    throw invalid({ prediction: `This prediction is not of ${owner}/${name}.` })
  if (prediction.status !== "succeeded" || prediction.data_removed)
    throw invalid({ prediction: "An example is a prediction that succeeded and still has its data." })
  if (isLargeExample(prediction))
    throw invalid({
      prediction: `The input and output of an example are at most ${maxExampleBytes / 1024} kB without their files.`,
    })
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    const added = await insertExample(
      tx,
      model.id,
      prediction.number,
      maxExamples,
      exampleEvent(actor, model, "example.added", id),
    )
    if (added === "full") throw problem("forbidden", `A model has at most ${maxExamples} examples.`)
    await updatePrediction(tx, prediction.number, { expires_at: null })
    await refreshDefaultExample(tx, model.id, toStoredExample)
  })
  return prediction
}

/**
 * Removes an example; its retention period starts anew. Throws what `addExample` throws, and `missing` if it is not an
 * example.
 */
export async function removeExample(actor: Actor, owner: string, name: string, id: string): Promise<void> {
  const { model, prediction } = await ownExample(actor, owner, name, id)
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    if (!(await deleteExample(tx, model.id, prediction.number, exampleEvent(actor, model, "example.removed", id))))
      throw missing()
    await updatePrediction(tx, prediction.number, { expires_at: await expiryWithin(tx, prediction) })
    await refreshDefaultExample(tx, model.id, toStoredExample)
  })
}

/** Makes an example the model's default. Throws what `removeExample` throws. */
export async function chooseDefaultExample(actor: Actor, owner: string, name: string, id: string): Promise<void> {
  const { model, prediction } = await ownExample(actor, owner, name, id)
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    if (!(await makeDefault(tx, model.id, prediction.number))) throw missing()
    await refreshDefaultExample(tx, model.id, toStoredExample)
  })
}

/** Reorders a model's examples by `ids`; others follow in their previous order. Throws what `removeExample` throws. */
export async function orderExamples(actor: Actor, owner: string, name: string, ids: string[]): Promise<void> {
  const model = await getEditableModel(actor, owner, name)
  const named = await Promise.all(ids.slice(0, maxExamples).map((id) => getPrediction(actor, id)))
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    const current = await orderOfExamples(tx, model.id)
    const wanted = named.map(({ number }) => number)
    if (wanted.some((number) => !current.includes(number))) throw missing()
    await placeExamples(tx, model.id, [...new Set([...wanted, ...current])])
    await refreshDefaultExample(tx, model.id, toStoredExample)
  })
}

async function ownExample(actor: Actor, owner: string, name: string, id: string) {
  return { model: await getEditableModel(actor, owner, name), prediction: await getPrediction(actor, id) }
}

const exampleEvent = (actor: Actor, model: Model, action: "example.added" | "example.removed", id: string) =>
  auditEvent({ actor, owner_id: model.owner_id, action, subject: model.name, details: { prediction: id } })
