import { afterAll, beforeAll, expect, test, vi } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { createDeployment, type Deployment } from "@/lib/deployments/deployment"
import { runDeployment } from "@/lib/deployments/run"
import { listLiveOfPool } from "@/lib/instances/instance"
import { getPrediction } from "@/lib/predictions/prediction"
import { anAccount } from "@/lib/test/factories"
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
  runDeployment(alice, owner, name, { input }, { site: "http://x" })
const soon = <T>(fn: () => Promise<T>) => vi.waitFor(fn, { timeout: 60_000, interval: 50 })
const succeeded = (id: string) =>
  soon(async () => expect(await getPrediction(alice, id)).toMatchObject({ status: "succeeded" }))

test("on a full machine, an idle instance beyond the minimum of another deployment makes room, and none within it", async () => {
  const first = await create("first", 1)
  const both = await Promise.all([run(first, { do: "wait", seconds: 2 }), run(first, { do: "wait", seconds: 2 })])
  for (const { id } of both) await succeeded(id)
  await soon(async () => expect(await listLiveOfPool(first.release.pool)).toHaveLength(2))

  const second = await create("second", 0)
  await succeeded((await run(second, { do: "say" })).id)
  expect(await listLiveOfPool(first.release.pool)).toHaveLength(1)

  // The second one has to give its place back, while what the first keeps ready stays.
  const third = await create("third", 0)
  await succeeded((await run(third, { do: "say" })).id)
  expect(await listLiveOfPool(first.release.pool)).toHaveLength(1)
}, 120_000)
