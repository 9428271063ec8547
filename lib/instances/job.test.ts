import { beforeEach, expect, test } from "vitest"

import { write } from "@/db"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { startHub } from "@/lib/hub/hub"
import { createPrediction } from "@/lib/predictions/create"
import { getPrediction } from "@/lib/predictions/prediction"
import { findProgress } from "@/lib/predictions/progress"
import { updatePrediction } from "@/lib/predictions/store"
import { anAccount } from "@/lib/test/factories"
import { allInstances, allUsage, stopLongAgo } from "@/lib/test/ledger"
import { FakeRunner } from "@/lib/test/fake-runner"
import { aTestModel, forget } from "@/lib/test/running"
import { oldInstancesJob } from "./job"
import { appendSetupLog, findInstance } from "./store"

let alice: Actor
let runner: FakeRunner
beforeEach(async () => {
  alice = (await anAccount()).actor
  forget()
  startHub()
  runner = new FakeRunner()
})

const clean = () => oldInstancesJob.run(new AbortController().signal)

const settle = () => runner.settle()

/** A prediction that has run on an instance with a set-up log. */
async function aRun() {
  const { name, version } = await aTestModel(alice)
  const { id } = await createPrediction(alice, { version: "named" }, { version: name, input: {} }, { origin: "" })
  await settle()
  await runner.makeReady()
  await settle()
  await runner.finish(id)
  const prediction = await getPrediction(alice, id)
  await appendSetupLog(prediction.instance_id!, "set up", 1000)
  return { prediction, instance: prediction.instance_id!, version: version.number }
}

test("an instance that stopped long ago is deleted with its log, and what it cost stays in the ledger", async () => {
  const [old, recent, live] = [await aRun(), await aRun(), await aRun()]
  await stopLongAgo(old.instance, env.INSTANCE_DAYS + 1)
  await stopLongAgo(recent.instance, env.INSTANCE_DAYS - 1)
  const paid = await allUsage(old.version)
  expect(paid).not.toEqual([])
  await clean()
  expect(await allInstances(old.version)).toEqual([])
  expect(await allUsage(old.version)).toEqual(paid)
  for (const { instance } of [recent, live]) expect(await findInstance(instance)).toMatchObject({ setup_log: "set up" })
  expect(await findProgress(alice, old.prediction)).toMatchObject({ booting_since: null, setup_log: null })
})

test("it is kept as long as a prediction on it has not ended", async () => {
  const { prediction, instance } = await aRun()
  await stopLongAgo(instance, env.INSTANCE_DAYS + 1)
  await write((tx) => updatePrediction(tx, prediction.number, { completed_at: null }))
  await clean()
  expect(await findInstance(instance)).toBeDefined()
  await write((tx) => updatePrediction(tx, prediction.number, { completed_at: fromNow(0) }))
  await clean()
  expect(await findInstance(instance)).toBeUndefined()
})
