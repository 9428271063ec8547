import { eq } from "drizzle-orm"
import { afterEach, expect, test, vi } from "vitest"

import { write } from "@/db"
import { hardware } from "@/db/schema"
import { hubJobs } from "@/lib/hub/hub"
import { anAccount } from "@/lib/test/factories"
import { anInstance } from "@/lib/test/instances"
import { aTestModel } from "@/lib/test/running"
import { spendingOf } from "@/lib/usage/spending"
import { createDeployment } from "./deployment"
import { metricsOf } from "./metrics"
import { costSince } from "./store"

/** Later in each test, because the clock of the product never goes back. */
const setClock = (iso: string) => vi.useFakeTimers({ toFake: ["Date"], now: new Date(iso) })
afterEach(() => {
  vi.useRealTimers()
})

/** Without the microseconds that pass meanwhile. */
const rounded = (value: number | string) => Number(Number(value).toFixed(3))

const meter = () => hubJobs.find(({ name }) => name === "metering of instances")!.run(new AbortController().signal)

/** A deployment with an instance that has been idle since a time, at a cent per second. */
async function anIdleDeployment(since: string) {
  await write(async (tx) => {
    await tx.update(hardware).set({ usd_per_second: "0.01" }).where(eq(hardware.sku, "cpu-small"))
  })
  const { actor } = await anAccount()
  const { name, version } = await aTestModel(actor)
  const deployment = await createDeployment(actor, {
    name: "idle",
    model: name,
    version: version.id,
    hardware: "cpu-small",
    min_instances: 1,
    max_instances: 1,
  })
  const idle = { created_at: since, ready_at: since, metered_until: since, usd_per_second: "0.01" }
  await anInstance(deployment.release.pool, idle)
  return { actor, deployment }
}

test("what idles over the end of a month is charged to both months, whether it is metered yet or not", async () => {
  setClock("2031-01-01T00:03:00Z")
  const { actor, deployment } = await anIdleDeployment("2030-12-31T23:52:00.000000Z")
  const costs = async () => [
    rounded(await costSince(deployment, "2031-01-01")),
    rounded(await costSince(deployment, "2030-12-01")),
  ]
  expect(await costs()).toEqual([1.8, 6.6])
  await meter()
  expect(await costs()).toEqual([1.8, 6.6])
  // The account sees what is metered.
  expect(await spendingOf(actor)).toMatchObject({ today: "0", month: "0" })
  setClock("2031-01-01T00:06:00Z")
  expect(await costs()).toEqual([3.6, 8.4])
  await meter()
  expect(await costs()).toEqual([3.6, 8.4])
  expect(await spendingOf(actor)).toMatchObject({ today: "3", month: "3" })
})

test("an instance that idles is in every step of the metrics, up to now", async () => {
  setClock("2031-01-02T00:03:00Z")
  const { deployment } = await anIdleDeployment("2031-01-01T23:52:00.000000Z")
  const lately = async () => {
    const { steps, usd } = await metricsOf(deployment, "2h")
    const last = steps.slice(-4).map((step) => [step.at.slice(11, 16), rounded(step.states.idle), rounded(step.usd)])
    return { usd: rounded(usd), last }
  }
  const expected = {
    usd: 6.6,
    last: [
      ["23:45", 0, 0],
      ["23:50", 0.6, 1.8],
      ["23:55", 1, 3],
      ["00:00", 1, 1.8],
    ],
  }
  expect(await lately()).toEqual(expected)
  await meter()
  expect(await lately()).toEqual(expected)
})

test("metrics begin at whole steps, and what an instance did before them is left out", async () => {
  setClock("2031-02-01T00:03:00Z")
  const { deployment } = await anIdleDeployment("2031-01-30T12:00:00.000000Z")
  await meter()
  const hours = await metricsOf(deployment, "2h")
  expect([hours.steps[0]!.at, hours.steps.at(-1)!.at]).toEqual(["2031-01-31T22:05:00.000Z", "2031-02-01T00:00:00.000Z"])
  expect(hours.steps.map(({ states }) => rounded(states.idle))).toEqual(Array.from({ length: 24 }, () => 1))
  expect(rounded(hours.usd)).toBe(70.8)
  const days = await metricsOf(deployment, "30d")
  expect(days.steps.slice(-4).map(({ at, states }) => [at.slice(5, 16), rounded(states.idle)])).toEqual([
    ["01-29T00:00", 0],
    ["01-30T00:00", 0.5],
    ["01-31T00:00", 1],
    ["02-01T00:00", 1],
  ])
})
