import { afterEach, beforeAll, beforeEach, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { updatePool } from "@/lib/pools/pool"
import { poolOfVersion } from "@/lib/pools/row"
import { createPrediction } from "@/lib/predictions/create"
import { cancelPrediction, getPrediction } from "@/lib/predictions/prediction"
import { anAccount } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { allInstances } from "@/lib/test/ledger"
import { aTestModel, forget } from "@/lib/test/running"
import { startHub } from "./hub"
import { hub } from "./state"

let alice: Actor
let bob: Actor
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
})

/** A runner with a single place. */
let runner: FakeRunner
beforeEach(() => {
  forget()
  startHub()
  runner = new FakeRunner(undefined, [{ sku: "cpu-small", total: 1 }])
})

const created: { actor: Actor; id: string }[] = []
afterEach(async () => {
  for (const { actor, id } of created.splice(0)) await cancelPrediction(actor, id)
})

async function run(of: string, actor = alice) {
  const prediction = await createPrediction(actor, { version: "named" }, { version: of, input: {} }, { origin: "" })
  created.push({ actor, id: prediction.id })
  return prediction
}
const now = (id: string, actor = alice) => getPrediction(actor, id)

const settle = () => runner.settle()

async function busyWithQueue() {
  const [first, second] = [await aTestModel(alice), await aTestModel(bob)]
  const [running, queued] = [await run(first.name), await run(first.name)]
  await settle()
  await runner.makeReady()
  await settle()
  const other = await run(second.name, bob)
  await settle()
  return { first, second, running, queued, other }
}
/** Makes starved pools have waited, and instances have served, for 31 seconds. */
function waitLong() {
  for (const pool of hub().starved.keys()) hub().starved.set(pool, Date.now() - 31_000)
  for (const { instances } of hub().runners.values())
    for (const live of instances.values()) Object.assign(live, { created_at: fromNow(-32), ready_at: fromNow(-31) })
}
const runningNow = () => runner.running.map(({ id }) => id)

test("a pool that has waited takes the only instance of another, after its run, and that one waits as long", async () => {
  const { running, queued, other, first } = await busyWithQueue()
  await runner.finish(running.id)
  await settle()
  expect(runningNow()).toEqual([queued.id])

  const third = await run(first.name)
  waitLong()
  await settle()
  expect(runningNow()).toEqual([queued.id])
  await runner.finish(queued.id)
  await settle()
  await runner.makeReady()
  await settle()
  expect(runningNow()).toEqual([other.id])
  expect(await allInstances(first.version.number)).toMatchObject([{ state: "stopped", reason: "room" }])

  expect(await now(third.id)).toMatchObject({ instance_id: null })
  await runner.finish(other.id)
  await settle()
  await runner.makeReady()
  await settle()
  expect(runningNow()).toEqual([third.id])
})

test("an instance that was just started is not taken again at once", async () => {
  const { running, other, second } = await busyWithQueue()
  waitLong()
  await settle()
  await runner.finish(running.id)
  await settle()
  await runner.makeReady()
  await settle()
  const next = await run(second.name, bob)
  for (const pool of hub().starved.keys()) hub().starved.set(pool, Date.now() - 31_000)
  await settle()
  await runner.finish(other.id)
  await settle()
  expect(runningNow()).toEqual([next.id])
})

test("the instances that a pool keeps ready are not taken", async () => {
  const { first, running, queued, other } = await busyWithQueue()
  const pool = poolOfVersion(first.version.number)
  await updatePool(pool, { min_instances: 1 })
  waitLong()
  await settle()
  await runner.finish(running.id)
  await settle()
  expect(runningNow()).toEqual([queued.id])
  expect(await now(other.id, bob)).toMatchObject({ instance_id: null })
  await updatePool(pool, { min_instances: 0 })
})

test("an instance is not given away for one that is cancelled meanwhile", async () => {
  const { running, queued, other } = await busyWithQueue()
  waitLong()
  await settle()
  await cancelPrediction(bob, other.id)
  await settle()
  await runner.finish(running.id)
  await settle()
  expect(runningNow()).toEqual([queued.id])
})

test("of pools with as many instances, one gives way in whose queue other accounts wait", async () => {
  runner = new FakeRunner(undefined, [{ sku: "cpu-small", total: 2 }])
  const [own, foreign, third] = [await aTestModel(bob), await aTestModel(alice), await aTestModel(bob)]
  for (const [of, actor] of [
    [own.name, bob],
    [foreign.name, alice],
  ] as const)
    for (let n = 0; n < 2; n++) await run(of, actor)
  await settle()
  await runner.makeReady()
  await settle()
  await runner.makeReady()
  await settle()
  const handed = runningNow()
  expect(handed).toHaveLength(2)
  await run(third.name, bob)
  await settle()
  waitLong()
  await settle()
  const yielding = [...hub().runners.values()].flatMap(({ instances }) =>
    [...instances.values()].flatMap((live) => (live.yielding === null ? [] : [live.pool])),
  )
  expect(yielding).toEqual([poolOfVersion(foreign.version.number)])
})
