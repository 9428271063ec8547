import { expect, test } from "vitest"

import { claimOrdinal, markReady, updateInstance } from "@/lib/instances/instance"
import { newId } from "@/lib/id"
import { findOwnPool, updatePool } from "@/lib/pools/pool"
import { aModel, anAccount, aVersion } from "@/lib/test/factories"
import { now } from "@/lib/clock"
import { write } from "@/db"
import { runners } from "@/db/schema"
import { createPrediction } from "./create"
import { estimateRun } from "./estimate"

test("the next run is told as cold, on its way, busy, idle or paused, with how long it waits and what it costs", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor, { hardware: "cpu" })
  const version = await aVersion(actor, model)
  const estimate = () => estimateRun(actor, model.owner, model.name, version.id)
  expect(await estimate()).toMatchObject({ state: "cold", queued: 0, wait_seconds: null, usd: null })

  await createPrediction(actor, { version: "named" }, { version: version.id, input: {} }, { origin: "" })
  const pool = await findOwnPool(model.id, version.id)
  await updatePool(pool!.key, { boot_seconds: [10, 30, 20], run_seconds: [2, 4] })
  expect(await estimate()).toMatchObject({
    state: "cold",
    queued: 1,
    boot_seconds: 20,
    run_seconds: 3,
    wait_seconds: 23,
    usd: "0.0003",
  })

  const runner = newId()
  await write(
    async (tx) =>
      void (await tx.insert(runners).values({
        id: runner,
        name: "test",
        token_hash: null,
        capacity: [],
        architecture: null,
        engines: [],
        created_at: now(),
        seen_at: now(),
        revoked_at: null,
      })),
  )
  const instance = {
    id: newId(),
    pool: pool!.key,
    runner,
    engine: "process",
    hardware: "cpu",
    slots: 1,
    egress: "none",
  } as const
  await claimOrdinal(instance, 1)
  expect(await estimate()).toMatchObject({ state: "booting", wait_seconds: 23 })
  await markReady(instance.id, now(), { slots: 1, cog_version: null })
  await updateInstance(instance.id, { state: "busy" })
  expect(await estimate()).toMatchObject({ state: "busy", wait_seconds: 6 })
  await updatePool(pool!.key, { paused_at: now(), failure: "No module named torch" })
  expect(await estimate()).toMatchObject({ state: "paused", setup_log: "No module named torch", wait_seconds: null })
  expect(await estimateRun(null, model.owner, model.name, version.id)).toMatchObject({ setup_log: null })
})

test("what to expect of a private model is nobody else's business", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor, { visibility: "private" })
  await expect(estimateRun(null, model.owner, model.name, "0".repeat(64))).rejects.toMatchObject({ kind: "missing" })
})
