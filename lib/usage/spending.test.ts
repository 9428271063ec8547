import { expect, test } from "vitest"

import { write } from "@/db"
import { instances, runners } from "@/db/schema"
import { fromNow, now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { listRunningInstances } from "@/lib/instances/overview"
import { ensurePool, updatePoolWithin } from "@/lib/pools/pool"
import { aModel, anAccount } from "@/lib/test/factories"
import { spendingOf } from "./spending"
import { insertUsage } from "./store"

test("spending is what the ledger says of today and of this month, by model, and nobody else's business", async () => {
  const { actor, owner } = await anAccount()
  const stranger = (await anAccount()).actor
  const [cheap, dear] = [await aModel(actor), await aModel(actor)]
  const runner = newId()
  const ids = [newId(), newId()]
  await write(async (tx) => {
    await tx.insert(runners).values({
      id: runner,
      name: "test",
      token_hash: null,
      capacity: [],
      architecture: null,
      engines: [],
      created_at: now(),
      seen_at: now(),
      revoked_at: null,
    })
    for (const [n, model] of [cheap, dear].entries()) {
      const pool = `version:test-${n}`
      await ensurePool({ key: pool, model_id: model.id, version: String(model.id).padStart(64, "0"), hardware: "cpu" })(
        tx,
      )
      await tx.insert(instances).values({
        id: ids[n]!,
        pool,
        ordinal: 1,
        runner,
        engine: "process",
        hardware: "cpu",
        state: "idle",
        slots: 1,
        setup_log: "",
        metered_until: now(),
        usd_per_second: "0.0001",
        created_at: fromNow(-60),
        stopped_at: n === 0 ? now() : null,
      })
      const used = (started_at: string, usd: string) => ({
        owner_id: owner.id,
        token_id: null,
        instance_id: ids[n]!,
        pool,
        model_id: model.id,
        prediction: null,
        hardware: "cpu",
        phase: "active" as const,
        started_at,
        ended_at: started_at,
        microseconds: 1_500_000,
        usd_per_second: "0.0001",
        usd,
      })
      await insertUsage(tx, [
        used("2026-03-31T23:59:59.000000Z", "100"),
        used("2026-04-01T00:00:00.000000Z", n === 0 ? "0.1" : "0.3"),
        used("2026-04-15T12:00:00.000000Z", "0.2"),
      ])
    }
  })
  const spent = await spendingOf(actor, undefined, new Date("2026-04-15T13:00:00Z"))
  expect(spent).toEqual({
    today: "0.4",
    month: "0.8",
    models: [
      { model: `${dear.owner}/${dear.name}`, usd: "0.5", seconds: 3 },
      { model: `${cheap.owner}/${cheap.name}`, usd: "0.3", seconds: 3 },
    ],
  })
  expect(await spendingOf(stranger)).toMatchObject({ today: "0", models: [] })
  await expect(spendingOf(stranger, owner)).rejects.toMatchObject({ kind: "missing" })

  expect(await listRunningInstances(actor)).toMatchObject([{ id: ids[1], model: `${dear.owner}/${dear.name}` }])
  expect(await listRunningInstances(stranger)).toEqual([])
  // Instances that another account pays for, such as those of a deployment, are shown to that account only.
  await write(async (tx) => {
    await updatePoolWithin(tx, "version:test-1", { owner_id: stranger.owner_id })
  })
  expect(await listRunningInstances(actor)).toEqual([])
  expect(await listRunningInstances(stranger)).toMatchObject([{ id: ids[1] }])
})
