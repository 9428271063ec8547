import { eq } from "drizzle-orm"
import { expect, test } from "vitest"

import { write } from "@/db"
import { hardware } from "@/db/schema"
import { createPrediction } from "@/lib/predictions/create"
import { anAccount } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { allUsage } from "@/lib/test/ledger"
import { aTestModel, forget } from "@/lib/test/running"
import { hubJobs, startHub } from "./hub"
import { hub } from "./state"

test("every second of an instance costs what its hardware cost then", async () => {
  forget()
  startHub()
  const runner = new FakeRunner()
  const settle = async () => {
    for (let n = 0; n < 6; n++) {
      for (const one of hub().runners.values()) one.decidedAt = -Infinity
      await runner.report()
    }
  }
  const price = (usd_per_second: string) =>
    write(async (tx) => {
      await tx.update(hardware).set({ usd_per_second }).where(eq(hardware.sku, "cpu-small"))
    })
  const { actor } = await anAccount()
  const { name, version } = await aTestModel(actor)
  await price("0.001")
  const { id } = await createPrediction(actor, { version: "named" }, { version: name, input: {} }, { site: "" })
  await settle()
  await runner.makeReady()
  await settle()
  await price("0.002")
  const signal = new AbortController().signal
  await hubJobs.find((job) => job.name === "prices of instances")!.run(signal)
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
