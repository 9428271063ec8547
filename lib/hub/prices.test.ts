import { eq } from "drizzle-orm"
import { expect, test, vi } from "vitest"

import { read, write } from "@/db"
import { hardware, instances, runners } from "@/db/schema"
import { meterInstance } from "@/lib/instances/instance"
import { createPrediction } from "@/lib/predictions/create"
import { ensurePool } from "@/lib/pools/pool"
import { anAccount } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { anInstance } from "@/lib/test/instances"
import { allUsage } from "@/lib/test/ledger"
import { aTestModel, forget } from "@/lib/test/running"
import { hubJobs, startHub } from "./hub"

const jobNamed = (name: string) => hubJobs.find((job) => job.name === name)!

test("every second of an instance costs what its hardware cost then", async () => {
  forget()
  startHub()
  const runner = new FakeRunner()
  const settle = () => runner.settle()
  const price = (usd_per_second: string) =>
    write(async (tx) => {
      await tx.update(hardware).set({ usd_per_second }).where(eq(hardware.sku, "cpu-small"))
    })
  const { actor } = await anAccount()
  const { name, version } = await aTestModel(actor)
  await price("0.001")
  const { id } = await createPrediction(actor, { version: "named" }, { version: name, input: {} }, { origin: "" })
  await settle()
  await runner.makeReady()
  await settle()
  await price("0.002")
  await jobNamed("prices of instances").run(new AbortController().signal)
  const changed = (await allUsage(version.number))
    .map(({ ended_at }) => ended_at)
    .toSorted()
    .at(-1)!
  await new Promise((resume) => setTimeout(resume, 20))
  await runner.finish(id)
  const rows = (await allUsage(version.number)).toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
  expect(rows.length).toBeGreaterThan(1)
  for (const row of rows) expect([row, row.usd_per_second]).toEqual([row, row.started_at < changed ? "0.001" : "0.002"])
  expect(new Set(rows.map((row) => row.usd_per_second))).toEqual(new Set(["0.001", "0.002"]))
})

/** Two instances that have been idle since a time; the runner of the second is lost. */
async function twoIdle(since: string) {
  const { actor } = await anAccount()
  const { version } = await aTestModel(actor)
  const pool = `version:${version.number}`
  await write(ensurePool({ key: pool, model_id: version.model_id, version: version.id, hardware: "cpu-small" }))
  const idle = { created_at: since, ready_at: since, metered_until: since }
  const [one, lost] = [await anInstance(pool, idle), await anInstance(pool, idle)]
  await write(async (tx) => {
    await tx.update(runners).set({ seen_at: since }).where(eq(runners.id, lost.runner))
  })
  return { one, lost, version }
}

test("an instance whose state does not change is metered every five minutes of the clock", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2031-03-01T00:07:00Z") })
  try {
    const { one, lost, version } = await twoIdle("2031-02-28T23:52:00.000000Z")
    const job = jobNamed("metering of instances")
    const meteredUntil = async ({ id }: { id: string }) =>
      (await read().select().from(instances).where(eq(instances.id, id)))[0]!.metered_until
    const rows = async () =>
      (await allUsage(version.number))
        .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
        .map(({ started_at, ended_at }) => [started_at, ended_at].map((at) => at.slice(8, 19)))

    expect(await job.hasWork!()).toBe(true)
    await job.run(new AbortController().signal)
    const first = [
      ["28T23:52:00", "28T23:55:00"],
      ["28T23:55:00", "01T00:00:00"],
      ["01T00:00:00", "01T00:05:00"],
    ]
    expect(await rows()).toEqual(first)
    // What becomes of the other one is known only until its runner last reported.
    expect(await meteredUntil(lost)).toBe("2031-02-28T23:52:00.000000Z")
    expect(await job.hasWork!()).toBe(false)

    vi.setSystemTime("2031-03-01T00:10:01Z")
    expect(await job.hasWork!()).toBe(true)
    await job.run(new AbortController().signal)
    expect(await rows()).toEqual([...first, ["01T00:05:00", "01T00:10:00"]])
    // The end of a prediction may be reported late.
    await write((tx) => meterInstance(tx, one.id, "2031-03-01T00:09:59.000000Z"))
    expect(await rows()).toHaveLength(4)
    expect(await meteredUntil(one)).toBe("2031-03-01T00:10:00.000000Z")
  } finally {
    vi.useRealTimers()
  }
})
