import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  sql,
  type SQL,
} from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, read, type Db } from "@/db"
import { bytesOf, contains, dialect, jsonPlaceholder, jsonText, placeholdersFor } from "@/db/kit"
import { examples, models, owners, predictions } from "@/db/schema"
import { nameShownTo } from "@/lib/models/name-store"
import { countFitting, type Cursor } from "@/lib/page"
import type { Prediction, Row } from "./row"

/** The name of a prediction's model, in queries that join both. */
export const nameOfModel = nameShownTo(predictions.owner_id)
const columns = { ...getTableColumns(predictions), model: nameOfModel.as("model") }

/** Predictions with the name of their model, as `nameShownTo` their account. */
export const selectPredictions = (db: Db) =>
  db
    .select(columns)
    .from(predictions)
    .leftJoin(models, eq(models.id, predictions.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))

const byId = preparedQuery("prediction_by_id", (db) =>
  selectPredictions(db).where(eq(predictions.id, sql.placeholder("id"))),
)

export async function findPrediction(id: string): Promise<Prediction | undefined> {
  const [prediction] = await byId().execute({ id })
  return prediction
}

const byIdWithinBytes = preparedQuery("prediction_within_bytes", (db) =>
  db
    .select({
      ...columns,
      input: within("input"),
      output: within("output"),
      input_bytes: bytesOf(predictions.input),
      output_bytes: bytesOf(predictions.output),
    })
    .from(predictions)
    .leftJoin(models, eq(models.id, predictions.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(eq(predictions.id, sql.placeholder("id"))),
)

const within = (name: "input" | "output") =>
  sql`case when ${bytesOf(predictions[name])} <= ${sql.placeholder(name)} then ${predictions[name]} end`.mapWith(
    predictions[name],
  )

/** A prediction with its sizes; null stands for an input or output of more bytes. Larger ones are not read. */
export async function findWithinBytes(
  id: string,
  most: { input: number; output: number },
): Promise<(Prediction & { input_bytes: number; output_bytes: number }) | undefined> {
  const [prediction] = await byIdWithinBytes().execute({ id, ...most })
  return prediction as (Prediction & { input_bytes: number; output_bytes: number }) | undefined
}

const factsById = preparedQuery("prediction_facts", (db) =>
  db
    .select({
      owner_id: predictions.owner_id,
      data_removed: predictions.data_removed,
      model: nameOfModel.as("model"),
    })
    .from(predictions)
    .leftJoin(models, eq(models.id, predictions.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(eq(predictions.id, sql.placeholder("id"))),
)

/** What access to a finished prediction depends on, and what can still change in it. */
export async function findFacts(id: string) {
  const [facts] = await factsById().execute({ id })
  return facts
}

const byIdWithin = preparedQueryWithin("prediction_by_id", (tx) =>
  selectPredictions(tx).where(eq(predictions.id, sql.placeholder("id"))),
)

/** A prediction by ID, within a larger write. */
export async function readPrediction(tx: Db, id: string): Promise<Prediction | undefined> {
  const [prediction] = await byIdWithin(tx).execute({ id })
  return prediction
}

/** A queued prediction, which has no results yet. */
export type QueuedRow = Omit<Row, "number" | "output" | "metrics">

/** Inserts a queued prediction. Returns its number. */
export async function insertPrediction(tx: Db, fields: QueuedRow): Promise<number> {
  const { secrets, webhook_events_filter } = fields
  const [row] = await insertRow(tx).execute({
    ...fields,
    secrets: jsonText(secrets),
    webhook_events_filter: jsonText(webhook_events_filter),
  })
  return row!.number
}
const insertRow = preparedQueryWithin("prediction_insert", (tx) =>
  tx
    .insert(predictions)
    .values({
      ...placeholdersFor(predictions, ["number", "output", "metrics"]),
      secrets: jsonPlaceholder("secrets"),
      webhook_events_filter: jsonPlaceholder("webhook_events_filter"),
    })
    .returning({ number: predictions.number }),
)

/** Updates an unfinished prediction. Undefined if it has ended. */
export async function updateUnfinished(tx: Db, number: number, fields: Partial<Row>): Promise<Row | undefined> {
  const [row] = await tx
    .update(predictions)
    .set(fields)
    .where(and(eq(predictions.number, number), isNull(predictions.completed_at)))
    .returning()
  return row
}

/** Updates a prediction, finished or not. Undefined if there is none. */
export async function updatePrediction(tx: Db, number: number, fields: Partial<Row>): Promise<Row | undefined> {
  const [row] = await tx.update(predictions).set(fields).where(eq(predictions.number, number)).returning()
  return row
}

/** Updates a prediction whose data has not been deleted. Undefined if it has. */
export async function updateKept(tx: Db, number: number, fields: Partial<Row>): Promise<Row | undefined> {
  const [row] = await tx
    .update(predictions)
    .set(fields)
    .where(and(eq(predictions.number, number), eq(predictions.data_removed, false)))
    .returning()
  return row
}

/** The number of unfinished predictions of an account, or of one of its tokens. */
export async function countUnfinished(owner_id: number, token_id?: number): Promise<number> {
  const [row] = await read()
    .select({ unfinished: count() })
    .from(predictions)
    .where(
      and(
        eq(predictions.owner_id, owner_id),
        token_id === undefined ? undefined : eq(predictions.token_id, token_id),
        isNull(predictions.completed_at),
      ),
    )
  return row!.unfinished
}

/** Whether a prediction is an example of a model that the accounts in `sees` (`,1,2,`) may see. */
export async function isShownExample(number: number, sees: string): Promise<boolean> {
  const [row] = await shownExample().execute({ number, sees })
  return row !== undefined
}
const shownExample = preparedQuery("example_shown", (db) =>
  db
    .select({ model_id: examples.model_id })
    .from(examples)
    .innerJoin(models, eq(models.id, examples.model_id))
    .where(
      and(
        eq(examples.prediction, sql.placeholder("number")),
        sql`(${models.visibility} = 'public' or ${sql.placeholder("sees")} like '%,' || ${models.owner_id} || ',%')`,
      ),
    ),
)

/** The filters of a list. */
export type PredictionList = {
  owner_id: number
  operation: Row["operation"]
  created_after?: string
  created_before?: string
  source?: Row["source"]
  status?: Row["status"]
  model_id?: number
  deployment_id?: number
  version?: string
  token?: number
  min_cost?: number
  text?: string
}

/**
 * The limits of a text search: the number of the newest predictions, the total bytes of their inputs, and the size from
 * which an input is skipped.
 */
const maxSearched = 5000
const maxSearchedBytes = 16 * 1024 * 1024
const longestSearched = 256 * 1024

/** The conditions of a list. */
export async function matching(list: PredictionList) {
  const facts = and(
    eq(predictions.owner_id, list.owner_id),
    eq(predictions.operation, list.operation),
    list.created_after === undefined ? undefined : gte(predictions.created_at, list.created_after),
    list.created_before === undefined ? undefined : lt(predictions.created_at, list.created_before),
    list.source && eq(predictions.source, list.source),
    list.status && eq(predictions.status, list.status),
    list.model_id === undefined ? undefined : eq(predictions.model_id, list.model_id),
    list.deployment_id === undefined ? undefined : eq(predictions.deployment_id, list.deployment_id),
    list.version === undefined ? undefined : eq(predictions.version, list.version),
    list.token === undefined ? undefined : eq(predictions.token_id, list.token),
  )
  const costly =
    list.min_cost === undefined ? facts : inArray(predictions.number, await searchCosts(facts, list.min_cost))
  return list.text ? inArray(predictions.number, await search(costly, list.text)) : costly
}

/**
 * A search by cost stops after this many bytes of predictions, because SQLite reads the columns stored before the cost.
 */
const maxPassedBytes = 64 * 1024 * 1024

/** The numbers of predictions that cost at least `least`, among the newest. */
async function searchCosts(facts: SQL | undefined, least: number): Promise<number[]> {
  const newest = await read()
    .select({ number: predictions.number, bytes: sizeOfPrediction })
    .from(predictions)
    .where(facts)
    .orderBy(desc(predictions.created_at), desc(predictions.number))
    .limit(maxSearched)
  const fitting = newest.slice(
    0,
    countFitting(newest, ({ bytes }) => bytes, maxPassedBytes),
  )
  const cost =
    dialect === "pg"
      ? sql`cast(${predictions.metrics} ->> 'cost_usd' as double precision)`
      : sql`json_extract(${predictions.metrics}, '$.cost_usd')`
  const found: number[] = []
  for (let at = 0; at < fitting.length; at += searchedAtOnce) {
    const some = fitting.slice(at, at + searchedAtOnce).map(({ number }) => number)
    const matches = await read()
      .select({ number: predictions.number })
      .from(predictions)
      .where(and(inArray(predictions.number, some), sql`${cost} >= ${least}`))
    found.push(...matches.map(({ number }) => number))
  }
  return found
}

/** The numbers of predictions whose input contains a text. */
async function search(facts: SQL | undefined, text: string): Promise<number[]> {
  const newest = await read()
    .select({ number: predictions.number })
    .from(predictions)
    .where(and(facts, isNotNull(predictions.input)))
    .orderBy(desc(predictions.created_at), desc(predictions.number))
    .limit(maxSearched)
  const escapedAsInJson = JSON.stringify(text).slice(1, -1)
  const found: number[] = []
  let left = maxSearchedBytes
  for (let at = 0; at < newest.length && left > 0; at += searchedAtOnce) {
    const some = newest.slice(at, at + searchedAtOnce).map(({ number }) => number)
    const lengths = await read()
      .select({ number: predictions.number, bytes: bytesOf(predictions.input) })
      .from(predictions)
      .where(inArray(predictions.number, some))
    const byNumber = new Map(lengths.map(({ number, bytes }) => [number, bytes]))
    const short = some.filter((number) => {
      const bytes = byNumber.get(number) ?? Infinity
      if (bytes > longestSearched || left <= 0) return false
      left -= bytes
      return true
    })
    const matches = await read()
      .select({ number: predictions.number })
      .from(predictions)
      .where(and(inArray(predictions.number, short), contains(predictions.input, escapedAsInJson)))
    found.push(...matches.map(({ number }) => number))
  }
  return found
}
const searchedAtOnce = 100

/** The order of a list, newest first, and the start of a page in the cursor's direction. */
export function pageFrom(cursor: Cursor | null) {
  const [at, number] = cursor?.key ?? []
  const direction = cursor?.reverse ? asc : desc
  return {
    beyond: cursor
      ? sql`(${predictions.created_at}, ${predictions.number}) ${sql.raw(cursor.reverse ? ">" : "<")} (${at}, ${number})`
      : undefined,
    order: [direction(predictions.created_at), direction(predictions.number)],
  }
}

/** Up to `limit + 1` predictions with their size, newest first, in the cursor's direction. */
export async function listPredictionSizes(list: PredictionList, cursor: Cursor | null, limit: number) {
  const { beyond, order } = pageFrom(cursor)
  return read()
    .select({
      number: predictions.number,
      id: predictions.id,
      created_at: predictions.created_at,
      bytes: sizeOfPrediction,
    })
    .from(predictions)
    .where(and(await matching(list), beyond))
    .orderBy(...order)
    .limit(limit + 1)
}

/** The bytes of the large columns of a prediction. */
export const sizeOfPrediction =
  sql<number>`${bytesOf(predictions.input)} + ${bytesOf(predictions.output)} + ${bytesOf(predictions.logs)}`.mapWith(
    Number,
  )

/** The sizes of predictions by ID. */
export async function listSizesOf(ids: string[]): Promise<Map<string, number>> {
  const rows = await read()
    .select({ id: predictions.id, bytes: sizeOfPrediction })
    .from(predictions)
    .where(inArray(predictions.id, ids))
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}

/** The columns that decide whether an input can be used again, without the input itself. */
export const inputColumns = {
  number: predictions.number,
  version: predictions.version,
  secrets: predictions.secrets,
  bytes: bytesOf(predictions.input),
}

/** The sizes of the newest inputs of a list. */
export async function listInputSizes(list: PredictionList) {
  return read()
    .select(inputColumns)
    .from(predictions)
    .where(await matching(list))
    .orderBy(desc(predictions.created_at), desc(predictions.number))
    .limit(maxInputs)
}
const maxInputs = 100

/** Inputs by the number of their prediction. */
export async function findInputs(numbers: number[]) {
  if (numbers.length === 0) return new Map<number, Row["input"]>()
  const found = await read()
    .select({ number: predictions.number, input: predictions.input })
    .from(predictions)
    .where(inArray(predictions.number, numbers))
  return new Map(found.map(({ number, input }) => [number, input]))
}

/** Predictions by number. */
export async function findPredictions(numbers: number[]): Promise<Map<number, Prediction>> {
  if (numbers.length === 0) return new Map()
  const found = await selectPredictions(read()).where(inArray(predictions.number, numbers))
  return new Map(found.map((one) => [one.number, one]))
}

/** Marks up to `most` predictions as counted. Returns the number of runs by model ID. */
export async function countRuns(tx: Db, most: number): Promise<Map<number, number>> {
  const fresh = await tx
    .select({ number: predictions.number, model_id: predictions.model_id })
    .from(predictions)
    .where(sql`not ${predictions.counted}`)
    .limit(most)
  if (fresh.length === 0) return new Map()
  const counted = await tx
    .update(predictions)
    .set({ counted: true })
    .where(
      and(
        inArray(
          predictions.number,
          fresh.map(({ number }) => number),
        ),
        sql`not ${predictions.counted}`,
      ),
    )
    .returning({ model_id: predictions.model_id })
  const runs = new Map<number, number>()
  for (const { model_id } of counted) runs.set(model_id, (runs.get(model_id) ?? 0) + 1)
  return runs
}
