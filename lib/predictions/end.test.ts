import { eq, sql } from "drizzle-orm"
import { expect, test } from "vitest"

import { read, write } from "@/db"
import { predictions } from "@/db/schema"
import { anAccount } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { findPrediction, updateUnfinished } from "./store"

async function aPrediction() {
  const { actor } = await anAccount()
  const { name } = await aTestModel(actor)
  return createPrediction(actor, { version: "named" }, { version: name, input: {} }, { origin: "" })
}

test("what a queued prediction does not have is null in the table, as in what is returned", async () => {
  const created = await aPrediction()
  expect(await findPrediction(created.id)).toEqual(created)
  const nothing = read()
    .select({ id: predictions.id })
    .from(predictions)
    .where(
      sql`${eq(predictions.number, created.number)} and secrets is null and webhook_events_filter is null
        and output is null and metrics is null`,
    )
  expect(await nothing).toEqual([{ id: created.id }])
})

test("an end without output or logs keeps what was written before", async () => {
  const created = await aPrediction()
  const started_at = "2026-01-01T00:00:00.000000Z"
  await write((tx) =>
    updateUnfinished(tx, created.number, { status: "processing", output: ["a"], logs: "one\n", started_at }),
  )
  const before = (await findPrediction(created.id))!
  const ended = await endPrediction(before, { status: "failed", error: "It broke." })
  expect(ended).toMatchObject({ status: "failed", error: "It broke.", output: ["a"], logs: "one\n", started_at })
  expect(await findPrediction(created.id)).toEqual(ended)
  expect(await endPrediction(before, { status: "succeeded", output: ["b"] })).toBeUndefined()
  expect(await findPrediction(created.id)).toEqual(ended)
})

test("an end replaces output and logs with its own", async () => {
  const created = await aPrediction()
  const ended = await endPrediction(created, {
    status: "succeeded",
    output: { text: "ä\u2028", large: 2 ** 53 },
    logs: "two\n",
    metrics: { tokens: 3 },
  })
  expect(ended).toMatchObject({ status: "succeeded", error: null, logs: "two\n", metrics: { tokens: 3 } })
  expect(await findPrediction(created.id)).toEqual(ended)
})
