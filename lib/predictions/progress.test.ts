import { beforeEach, expect, test } from "vitest"

import { startHub } from "@/lib/hub/hub"
import { appendSetupLog } from "@/lib/instances/instance"
import { anAccount } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { aTestModel, forget } from "@/lib/test/running"
import { createPrediction } from "./create"
import { getPrediction } from "./prediction"
import { findProgress } from "./progress"

let runner: FakeRunner
beforeEach(() => {
  forget()
  startHub()
  runner = new FakeRunner()
})

const settle = () => runner.settle()

test("whoever made a run sees its times; the set-up log only who may edit the model; strangers nothing", async () => {
  const [alice, bob, carol] = [(await anAccount()).actor, (await anAccount()).actor, (await anAccount()).actor]
  const { name } = await aTestModel(alice)
  const run = async (actor: typeof alice) =>
    (await createPrediction(actor, { version: "named" }, { version: name, input: {} }, { origin: "" })).id
  const [own, bobs] = [await run(alice), await run(bob)]
  await settle()
  for (const instance of runner.instances.keys()) await appendSetupLog(instance, "loading weights", 1000)

  const booting = { booting_since: expect.any(String), ready_at: null, claimed_at: null }
  expect(await findProgress(alice, await getPrediction(alice, own))).toEqual({
    ...booting,
    ahead: 0,
    setup_log: "loading weights",
  })
  const prediction = await getPrediction(bob, bobs)
  expect(await findProgress(bob, prediction)).toEqual({ ...booting, ahead: 1, setup_log: null })
  // The model's owner does not see what others run on it.
  for (const actor of [alice, carol, null]) expect(await findProgress(actor, prediction)).toBeNull()

  await runner.makeReady()
  await settle()
  expect(await findProgress(alice, await getPrediction(alice, own))).toMatchObject({
    ready_at: expect.any(String),
    claimed_at: expect.any(String),
    ahead: null,
    setup_log: "loading weights",
  })
})
