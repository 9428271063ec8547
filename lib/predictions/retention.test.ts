import { expect, test } from "vitest"

import { write } from "@/db"
import { fromNow } from "@/lib/clock"
import { anAccount } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { createPrediction } from "./create"
import { limitMs, nextBatch, removeData, removeExpiredData } from "./retention"
import { getPrediction } from "./prediction"
import { endPrediction } from "./running"
import { updatePrediction } from "./store"

test("a transaction that took too long is followed by one of half as many, and others by slightly more", () => {
  expect(nextBatch(100, limitMs + 1)).toBe(50)
  expect(nextBatch(1, 500)).toBe(1)
  expect(nextBatch(50, limitMs)).toBe(55)
  expect(nextBatch(1, 1)).toBe(2)
  expect(nextBatch(100, 1)).toBe(100)
})

test("what has expired is removed, in as many transactions as it takes", async () => {
  const { actor } = await anAccount()
  const { name } = await aTestModel(actor)
  const ids = []
  for (let n = 0; n < 60; n++) {
    const prediction = await createPrediction(actor, { version: "named" }, { version: name, input: {} }, { origin: "" })
    await endPrediction(prediction, { status: "succeeded", output: "a" })
    await write((tx) => updatePrediction(tx, prediction.number, { expires_at: fromNow(-1) }))
    ids.push(prediction.id)
  }
  expect(await removeExpiredData()).toBe(60)
  for (const id of ids) expect(await getPrediction(actor, id)).toMatchObject({ data_removed: true, output: null })
})

test("the time of a transaction counts from its start, not from the wait for it", async () => {
  const late: typeof write = async (work) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    return write(work)
  }
  expect(await removeData([], late)).toBeLessThan(300)
})
