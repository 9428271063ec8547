import { and, asc, count, desc, eq, gt, inArray, max, sql } from "drizzle-orm"

import { read, type Db } from "@/db"
import { examples, predictions, type StoredExample } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { findPicture } from "@/lib/files/picture"
import { setDefaultExample } from "@/lib/models/store"
import type { Prediction } from "./row"
import { inputColumns, selectPredictions, sizeOfPrediction } from "./store"

/** A model's examples in the owner's order, with their size. */
export async function listExampleSizes(model_id: number, after: number | undefined, limit: number) {
  return read()
    .select({ number: examples.prediction, position: examples.position, bytes: sizeOfPrediction })
    .from(examples)
    .innerJoin(predictions, eq(predictions.number, examples.prediction))
    .where(and(eq(examples.model_id, model_id), after === undefined ? undefined : gt(examples.position, after)))
    .orderBy(asc(examples.position))
    .limit(limit)
}

/** The sizes of the inputs of all examples of a model, in the owner's order. */
export async function listExampleInputs(model_id: number) {
  return read()
    .select(inputColumns)
    .from(examples)
    .innerJoin(predictions, eq(predictions.number, examples.prediction))
    .where(eq(examples.model_id, model_id))
    .orderBy(asc(examples.position))
}

/** The number of a model's default example: the chosen one, otherwise the first. */
async function findDefaultNumber(db: Db, model_id: number): Promise<number | undefined> {
  const [chosen] = await db
    .select({ number: examples.prediction })
    .from(examples)
    .where(eq(examples.model_id, model_id))
    .orderBy(desc(examples.is_default), asc(examples.position))
    .limit(1)
  return chosen?.number
}

/** A model's default example; undefined if it has none. */
export async function findDefaultExample(model_id: number): Promise<Prediction | undefined> {
  const number = await findDefaultNumber(read(), model_id)
  const [prediction] = number === undefined ? [] : await selectPredictions(read()).where(eq(predictions.number, number))
  return prediction
}

export async function isExampleOf(model_id: number, number: number, db: Db = read()): Promise<boolean> {
  const found = await db
    .select({ number: examples.prediction })
    .from(examples)
    .where(and(eq(examples.model_id, model_id), eq(examples.prediction, number)))
  return found.length > 0
}

/** Appends an example. False if it already is one, "full" at the limit. */
export async function insertExample(
  tx: Db,
  model_id: number,
  prediction: number,
  most: number,
  event: AuditEvent,
): Promise<boolean | "full"> {
  const [known] = await tx
    .select({ last: max(examples.position), count: count() })
    .from(examples)
    .where(eq(examples.model_id, model_id))
  if (known!.count >= most) return "full"
  const added = await tx
    .insert(examples)
    .values({ model_id, prediction, position: (known!.last ?? 0) + 1, is_default: known!.count === 0, added_at: now() })
    .onConflictDoNothing()
    .returning({ prediction: examples.prediction })
  if (added.length === 0) return false
  await recordEvent(tx, event)
  return true
}

/** False if it was not an example. */
export async function deleteExample(tx: Db, model_id: number, prediction: number, event: AuditEvent): Promise<boolean> {
  const gone = await tx
    .delete(examples)
    .where(and(eq(examples.model_id, model_id), eq(examples.prediction, prediction)))
    .returning({ prediction: examples.prediction })
  if (gone.length > 0) await recordEvent(tx, event)
  return gone.length > 0
}

/** The numbers of a model's examples in order. */
export async function orderOfExamples(tx: Db, model_id: number): Promise<number[]> {
  const rows = await tx
    .select({ number: examples.prediction })
    .from(examples)
    .where(eq(examples.model_id, model_id))
    .orderBy(asc(examples.position))
  return rows.map(({ number }) => number)
}

export async function placeExamples(tx: Db, model_id: number, numbers: number[]): Promise<void> {
  for (const [place, number] of numbers.entries())
    await tx
      .update(examples)
      .set({ position: place + 1 })
      .where(and(eq(examples.model_id, model_id), eq(examples.prediction, number)))
}

/** Makes an example the default. False if it is not an example. */
export async function makeDefault(tx: Db, model_id: number, number: number): Promise<boolean> {
  await tx
    .update(examples)
    .set({ is_default: sql`${examples.prediction} = ${number}` })
    .where(eq(examples.model_id, model_id))
  const [made] = await tx
    .select({ number: examples.prediction })
    .from(examples)
    .where(and(eq(examples.model_id, model_id), eq(examples.is_default, true)))
  return made !== undefined
}

/**
 * Updates the default example stored with the model: the chosen one, otherwise the first. `present` builds the stored
 * form; null if it is too large for that.
 */
export async function refreshDefaultExample(
  tx: Db,
  model_id: number,
  present: (prediction: Prediction) => StoredExample | null,
): Promise<void> {
  const number = await findDefaultNumber(tx, model_id)
  const [prediction] = number === undefined ? [] : await selectPredictions(tx).where(eq(predictions.number, number))
  const picture = prediction && (await findPicture(tx, prediction.number, prediction.output))
  await setDefaultExample(tx, model_id, prediction ? present(prediction) : null, picture ?? null)
}

/** Removes predictions from all examples; returns the affected models. */
export async function removeExamplesOf(tx: Db, numbers: number[]): Promise<number[]> {
  const gone = await tx
    .delete(examples)
    .where(inArray(examples.prediction, numbers))
    .returning({ model_id: examples.model_id })
  return [...new Set(gone.map(({ model_id }) => model_id))]
}
