import { afterAll, beforeAll, expect, test, vi } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import {
  createDeployment,
  disableDeployment,
  getDeployment,
  updateDeployment,
  type Deployment,
} from "@/lib/deployments/deployment"
import { runDeployment } from "@/lib/deployments/run"
import { listLiveOfPool } from "@/lib/instances/instance"
import { poolOfVersion } from "@/lib/pools/row"
import { createPrediction } from "@/lib/predictions/create"
import { getPrediction } from "@/lib/predictions/prediction"
import { countWaiting } from "@/lib/predictions/running"
import { anAccount } from "@/lib/test/factories"
import { allInstances } from "@/lib/test/ledger"
import { aRunningHub, aTestModel } from "@/lib/test/running"

let alice: Actor
let model: Awaited<ReturnType<typeof aTestModel>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
beforeAll(async () => {
  alice = (await anAccount()).actor
  model = await aTestModel(alice)
  hub = await aRunningHub({ cpus: 2 })
})
afterAll(() => hub.close())

const create = (name: string, min_instances: number) =>
  createDeployment(alice, {
    name,
    model: model.name,
    version: model.version.id,
    hardware: "cpu-small",
    min_instances,
    max_instances: 2,
    idle_seconds: 3600,
  })
const run = ({ owner, name }: Deployment, input: object) =>
  runDeployment(alice, owner, name, { input }, { origin: "http://x" })
const soon = <T>(fn: () => Promise<T>) => vi.waitFor(fn, { timeout: 60_000, interval: 50 })
const succeeded = (id: string) =>
  soon(async () => expect(await getPrediction(alice, id)).toMatchObject({ status: "succeeded" }))

test("on a full machine, one account's many on a model do not keep another's first on another model waiting", async () => {
  const bob = (await anAccount()).actor
  const [mine, other] = [await aTestModel(alice), await aTestModel(bob)]
  const predict = (actor: Actor, of: string, input: object) =>
    createPrediction(actor, { version: "named" }, { version: of, input }, { origin: "http://x" })
  const many = []
  for (let n = 0; n < 100; n++) many.push(await predict(alice, mine.name, { do: "wait", seconds: 0.2 }))
  const pool = poolOfVersion(mine.version.number)
  await soon(async () => expect(await listLiveOfPool(pool)).toHaveLength(2))
  const { id } = await predict(bob, other.name, { do: "say" })
  await soon(async () => expect(await getPrediction(bob, id)).toMatchObject({ status: "succeeded" }))
  expect(await countWaiting(pool)).toBeGreaterThan(0)
  for (const one of many) await succeeded(one.id)
  expect((await allInstances(mine.version.number)).map(({ reason }) => reason)).toContain("room")
  // Idle instances stop with the server.
  await hub.restart()
}, 120_000)

test("on a full machine, an idle instance beyond the minimum of another deployment makes room, and none within it", async () => {
  const first = await create("first", 1)
  const both = await Promise.all([run(first, { do: "wait", seconds: 2 }), run(first, { do: "wait", seconds: 2 })])
  for (const { id } of both) await succeeded(id)
  await soon(async () => expect(await listLiveOfPool(first.release.pool)).toHaveLength(2))

  const second = await create("second", 0)
  await succeeded((await run(second, { do: "say" })).id)
  expect(await listLiveOfPool(first.release.pool)).toHaveLength(1)

  // The second deployment has to make room, because the first is at its minimum.
  const third = await create("third", 0)
  await succeeded((await run(third, { do: "say" })).id)
  expect(await listLiveOfPool(first.release.pool)).toHaveLength(1)
}, 120_000)

/** Disables a deployment and waits until its instances have stopped. */
async function end({ owner, name, release }: Deployment) {
  const { release: last } = await disableDeployment(alice, owner, name)
  await soon(async () => {
    for (const pool of [release.pool, last.pool]) expect(await listLiveOfPool(pool)).toEqual([])
  })
}
const otherVersion = async () => (await aTestModel(alice, { model: model.model })).version.id
const done = ({ owner, name }: Deployment) =>
  soon(async () =>
    expect(await getDeployment(alice, owner, name)).toMatchObject({
      serving: 2,
      rollout: "done",
      rollout_detail: null,
    }),
  )
const ready = (pool: string, many: number) =>
  soon(async () => expect((await listLiveOfPool(pool)).filter(({ ready_at }) => ready_at !== null)).toHaveLength(many))

test("on a machine that its instances fill, a release takes the place of one of them and then serves", async () => {
  for (const name of ["first", "second", "third"]) await end(await getDeployment(alice, alice.username, name))
  const full = await create("full", 2)
  await ready(full.release.pool, 2)
  const sent: string[] = []
  let sending = true
  const load = (async () => {
    while (sending) {
      sent.push((await run(full, { do: "wait", seconds: 0.3 })).id)
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
  })()
  const version = await otherVersion()
  await updateDeployment(alice, full.owner, full.name, { version })
  await done(full)
  sending = false
  await load
  for (const id of sent) await succeeded(id)
  await soon(async () => expect(await listLiveOfPool(full.release.pool)).toEqual([]))
  await end(full)
}, 120_000)

test("where the machine holds a single instance, a release takes its place once it is idle, and what comes in meanwhile runs", async () => {
  const filler = await create("filler", 1)
  await ready(filler.release.pool, 1)
  const single = await create("single", 1)
  await ready(single.release.pool, 1)
  const version = await otherVersion()
  const { release } = await updateDeployment(alice, single.owner, single.name, { version, min_instances: 1 })
  await soon(async () => expect(await listLiveOfPool(release.pool)).toHaveLength(1))
  // This prediction is queued for the previous release, whose only instance has stopped.
  const meanwhile = await run(single, { do: "say" })
  await done(single)
  await succeeded(meanwhile.id)
  await succeeded((await run(single, { do: "say" })).id)
  expect(await listLiveOfPool(filler.release.pool)).toHaveLength(1)
}, 120_000)
