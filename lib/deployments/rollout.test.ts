import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { read, write } from "@/db"
import { deliveries, usage } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { isOver } from "@/lib/predictions/status"
import { cancelPrediction, getPrediction, type Prediction } from "@/lib/predictions/prediction"
import { listLiveOfPool } from "@/lib/instances/instance"
import { updateModel } from "@/lib/models/model"
import { deleteVersion, publishBundledVersion } from "@/lib/versions/version"
import { anAccount } from "@/lib/test/factories"
import { aRunningHub, aTestModel } from "@/lib/test/running"
import {
  createDeployment,
  disableDeployment,
  enableDeployment,
  getDeployment,
  updateDeployment,
  warmUp,
  type Deployment,
} from "./deployment"
import { deploymentMetrics } from "./prometheus"
import { runDeployment } from "./run"
import { updateDeploymentRow } from "./store"

let alice: Actor
let model: Awaited<ReturnType<typeof aTestModel>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
beforeAll(async () => {
  alice = (await anAccount()).actor
  model = await aTestModel(alice)
  hub = await aRunningHub({ cpus: 8 })
})
afterAll(() => hub.close())

let made = 0
const create = (fields: object = {}) =>
  createDeployment(alice, {
    name: `rolling-${++made}`,
    model: model.name,
    version: model.version.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 2,
    idle_seconds: 600,
    ...fields,
  })
const run = ({ owner, name }: Deployment, input: object) =>
  runDeployment(alice, owner, name, { input }, { origin: "http://x" })
const soon = <T>(fn: () => Promise<T>) => vi.waitFor(fn, { timeout: 100_000, interval: 50 })
const over = ({ id }: Prediction) =>
  soon(async () => {
    const prediction = await getPrediction(alice, id)
    expect(isOver(prediction.status)).toBe(true)
    return prediction
  })
const until = ({ owner, name }: Deployment, fields: object) =>
  soon(async () => {
    const deployment = await getDeployment(alice, owner, name)
    expect(deployment).toMatchObject(fields)
    return deployment
  })
const readyIn = async (pool: string) => (await listLiveOfPool(pool)).filter(({ ready_at }) => ready_at !== null).length

/** Publishes another version of the model. Its set-up fails if `bundled` is no bundled model. */
let versions = 0
async function anotherVersion(bundled = "test", of = model.model) {
  const id = `${++versions}`.padStart(64, "e")
  await publishBundledVersion(
    alice,
    of,
    {
      id,
      openapi_schema: JSON.stringify({
        components: {
          schemas: { Input: { type: "object", additionalProperties: true, properties: {} }, Output: {} },
        },
      }),
      cog_version: "0.16.12",
    },
    bundled,
  )
  return id
}

test("the minimum of instances is there before anybody asks, and its account pays for every second", async () => {
  const deployment = await create({ min_instances: 1 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  expect(await over(await run(deployment, { do: "say", text: "hi" }))).toMatchObject({
    status: "succeeded",
    output: "hi",
  })
  await disableDeployment(alice, deployment.owner, deployment.name)
  await soon(async () => expect(await listLiveOfPool(deployment.release.pool)).toEqual([]))
  const rows = (await read().select().from(usage)).filter(({ pool }) => pool === deployment.release.pool)
  expect(new Set(rows.map(({ phase }) => phase))).toEqual(new Set(["setup", "idle", "active"]))
  expect(new Set(rows.map(({ owner_id }) => owner_id))).toEqual(new Set([alice.owner_id]))
})

test("Prometheus reads what a deployment has, waits for and has done, without a series per prediction", async () => {
  const deployment = await create({ min_instances: 1, max_instances: 1 })
  const label = `deployment="${deployment.owner}/${deployment.name}"`
  const valueOf = async (name: string, more = "") => {
    const line = (await deploymentMetrics()).find((one) =>
      one.startsWith(`understudy_deployment_${name}{${label}${more}}`),
    )
    return line && Number(line.split(" ").at(-1))
  }
  await soon(async () => expect(await valueOf("instances", ',state="idle"')).toBe(1))
  const before = (await deploymentMetrics()).length
  const running = await run(deployment, { do: "wait", seconds: 60 })
  await soon(async () => expect(await valueOf("instances", ',state="busy"')).toBe(1))
  const waiting = await run(deployment, { do: "say" })
  expect(await valueOf("queue_length")).toBe(1)
  for (const one of [waiting, running]) await cancelPrediction(alice, one.id)
  for (const one of [waiting, running]) await over(one)
  for (let n = 0; n < 3; n++) await over(await run(deployment, { do: n === 0 ? "fail" : "say" }))
  expect(await valueOf("queue_length")).toBe(0)
  expect(await valueOf("predictions_total", ',status="succeeded"')).toBe(2)
  expect(await valueOf("predictions_total", ',status="failed"')).toBe(1)
  expect(await valueOf("predictions_total", ',status="canceled"')).toBe(2)
  expect(await valueOf("boot_seconds_count")).toBe(1)
  expect(await valueOf("run_seconds_count")).toBe(4)
  expect(await valueOf("queue_seconds_count")).toBe(4)
  expect(await valueOf("queue_seconds_bucket", ',le="+Inf"')).toBe(4)
  const lines = await deploymentMetrics()
  expect(lines.length).toBe(before)
  for (const name of new Set(lines.filter((line) => !line.startsWith("#")).map((line) => /^\w+/.exec(line)![0])))
    expect(lines).toContainEqual(expect.stringMatching(`^# TYPE ${name.replace(/_(bucket|sum|count)$/, "")} `))
  await disableDeployment(alice, deployment.owner, deployment.name)
  expect(await valueOf("enabled")).toBe(0)
})

test("disabling one cancels what runs and what waits, and nothing of it runs afterwards", async () => {
  const deployment = await create({ min_instances: 1, max_instances: 1 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  const [running, waiting] = [await run(deployment, { do: "wait", seconds: 60 }), await run(deployment, { do: "say" })]
  await soon(async () => expect(await getPrediction(alice, running.id)).toMatchObject({ status: "processing" }))
  await disableDeployment(alice, deployment.owner, deployment.name)
  for (const one of [running, waiting])
    expect(await over(one)).toMatchObject({ status: "canceled", error: "The deployment was disabled." })
  await soon(async () => expect(await listLiveOfPool(deployment.release.pool)).toEqual([]))
})

test("one whose model is made private ends for others, and says neither that nor more", async () => {
  const bob = (await anAccount()).actor
  const own = await aTestModel(alice)
  const deployment = await createDeployment(bob, {
    name: "others",
    model: own.name,
    version: own.version.id,
    hardware: "cpu-small",
    min_instances: 1,
    max_instances: 1,
  })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  await updateModel(alice, own.model.owner, own.model.name, { visibility: "private" })
  await soon(async () =>
    expect(await getDeployment(bob, deployment.owner, deployment.name)).toMatchObject({
      paused_reason: "Its version is no longer available.",
    }),
  )
  await soon(async () => expect(await listLiveOfPool(deployment.release.pool)).toEqual([]))
  // The owner of the model does not learn that others deployed it.
  await deleteVersion(alice, own.model.owner, own.model.name, own.version.id)
})

test("a new release takes over when it is ready, and not one prediction fails meanwhile", async () => {
  const deployment = await create({ min_instances: 1 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  const long = await run(deployment, { do: "wait", seconds: 3 })
  const version = await anotherVersion()
  const rolling = await updateDeployment(alice, deployment.owner, deployment.name, { version })
  expect(rolling).toMatchObject({ current: 2, serving: 1, rollout: "rolling" })
  const meanwhile: Prediction[] = []
  const sending = setInterval(async () => meanwhile.push(await run(deployment, { do: "say", text: "x" })), 150)
  await until(deployment, { serving: 2, rollout: "done" })
  clearInterval(sending)
  for (const one of [long, ...meanwhile]) expect(await over(one)).toMatchObject({ status: "succeeded" })
  expect(meanwhile.length).toBeGreaterThan(0)
  expect(await over(await run(deployment, { do: "say", text: "y" }))).toMatchObject({ version })
  await soon(async () => expect(await listLiveOfPool(deployment.release.pool)).toEqual([]))
})

test("a release whose set-up fails is given up, and the one before it goes on", async () => {
  const deployment = await create({ min_instances: 1, alert_webhook: "https://alerts.invalid/" })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  const version = await anotherVersion("not-there")
  await updateDeployment(alice, deployment.owner, deployment.name, { version })
  const failed = await until(deployment, { rollout: "failed", serving: 1, current: 2 })
  expect(failed.rollout_detail).toContain("release 2")
  expect(await over(await run(deployment, { do: "say", text: "still" }))).toMatchObject({
    output: "still",
    version: model.version.id,
  })
  await soon(async () => expect(await alertsOf(deployment)).toMatchObject([{ alert: "set_up_failed", release: 2 }]))
}, 60_000)

test("a release whose set-up fails never serves, without a minimum and without predictions too", async () => {
  const deployment = await create()
  const version = await anotherVersion("not-there")
  await updateDeployment(alice, deployment.owner, deployment.name, { version })
  await until(deployment, { rollout: "failed", serving: 1, current: 2, rollout_since: null })
  expect(await over(await run(deployment, { do: "say", text: "still" }))).toMatchObject({
    output: "still",
    version: model.version.id,
  })
}, 60_000)

test("a release takes over with as many ready instances as served before it", async () => {
  const deployment = await create({ max_instances: 3 })
  const long = await Promise.all([1, 2, 3].map(() => run(deployment, { do: "wait", seconds: 20 })))
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(3))
  const version = await anotherVersion()
  const { release } = await updateDeployment(alice, deployment.owner, deployment.name, { version })
  const seen = new Set<string>()
  const ready = await soon(async () => {
    const [{ serving, rollout_detail }, ready] = [
      await getDeployment(alice, deployment.owner, deployment.name),
      await readyIn(release.pool),
    ]
    if (rollout_detail !== null) seen.add(rollout_detail)
    expect(serving).toBe(2)
    return ready
  })
  expect(ready).toBe(3)
  expect(seen).toContain("0 of 3 instances of release 2 ready.")
  for (const one of long) await cancelPrediction(alice, one.id)
}, 60_000)

test("a rollout says what it waits for, and fails after its time limit", async () => {
  const deployment = await create()
  await updateDeployment(alice, deployment.owner, deployment.name, { hardware: "gpu-t4" })
  const missing = "No runner offers the hardware gpu-t4."
  const waiting = await until(deployment, { rollout: "rolling", rollout_detail: expect.stringContaining(missing) })
  await write((tx) => updateDeploymentRow(tx, waiting.id, { rollout_since: fromNow(-59 * 60) }))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await until(deployment, { rollout: "rolling", serving: 1 })
  await disableDeployment(alice, deployment.owner, deployment.name)
  await write((tx) => updateDeploymentRow(tx, waiting.id, { rollout_since: fromNow(-61 * 60) }))
  // Time in which it was disabled does not count.
  await enableDeployment(alice, deployment.owner, deployment.name)
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await until(deployment, { rollout: "rolling", serving: 1, rollout_detail: expect.stringContaining(missing) })
  await write((tx) => updateDeploymentRow(tx, waiting.id, { rollout_since: fromNow(-61 * 60) }))
  const failed = await until(deployment, { rollout: "failed", serving: 1 })
  expect(failed.rollout_detail).toBe(
    `After 60 minutes, the time limit: 0 of 1 instance of release 2 ready.\n${missing}`,
  )
}, 60_000)

test("one that follows a tag moves on when that does", async () => {
  const deployment = await create({ version: "latest", follows: "latest" })
  const version = await anotherVersion()
  await until(deployment, { current: 2, serving: 2, release: { version } })
})

test("one that is to follow a model learns none of its versions once that is private to others", async () => {
  const bob = (await anAccount()).actor
  const other = await aTestModel(alice)
  const { owner, name } = await createDeployment(bob, {
    name: "follows-others",
    model: model.name,
    version: model.version.id,
    hardware: "gpu-h100",
    min_instances: 0,
    max_instances: 1,
  })
  const rolling = await updateDeployment(bob, owner, name, { model: other.name, version: "latest", follows: "latest" })
  await updateModel(alice, other.model.owner, other.model.name, { visibility: "private" })
  await anotherVersion("test", other.model)
  const failed = await soon(async () => {
    const deployment = await getDeployment(bob, owner, name)
    expect(deployment.rollout).toBe("failed")
    return deployment
  })
  expect(failed).toMatchObject({ current: 2, serving: 1, rollout_detail: "Its version is no longer available." })
  expect(failed.release.version).toBe(rolling.release.version)
})

const alertsOf = async ({ name }: Deployment) =>
  (await read().select().from(deliveries))
    .filter(({ event }) => event === "alert")
    .map(({ body }) => JSON.parse(body!))
    .filter((alert) => alert.deployment.endsWith(`/${name}`))

test("a schedule keeps instances ready while it lasts, without a prediction", async () => {
  const line = { days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 24 * 60, time_zone: "UTC", min_instances: 1 }
  const now = new Date()
  const [today, tomorrow] = [now.getUTCDay(), (now.getUTCDay() + 1) % 7]
  const past = { ...line, days: [0, 1, 2, 3, 4, 5, 6].filter((day) => day !== today && day !== tomorrow) }
  const [scheduled, later] = [await create({ schedule: [line] }), await create({ schedule: [past] })]
  await soon(async () => expect(await readyIn(scheduled.release.pool)).toBe(1))
  expect(await listLiveOfPool(later.release.pool)).toEqual([])
  await disableDeployment(alice, scheduled.owner, scheduled.name)
})

test("what is warmed up is there, and a limit of money disables it and raises an alert", async () => {
  const deployment = await create({ alert_webhook: "https://alerts.invalid/" })
  await warmUp(alice, deployment.owner, deployment.name, { instances: 1, minutes: 5 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  await updateDeployment(alice, deployment.owner, deployment.name, { monthly_cap_usd: "0.0001" })
  await over(await run(deployment, { do: "wait", seconds: 2 }))
  const { paused_reason } = await until(deployment, { paused_reason: expect.stringContaining("$0.0001") })
  expect(await alertsOf(deployment)).toMatchObject([{ alert: "cap_reached", detail: paused_reason }])
})

test("a release that is tried gets its share, and is given up when its predictions fail", async () => {
  const deployment = await create({ min_instances: 1, max_instances: 3 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  // Only the model of the second release supports `fail`.
  const version = await anotherVersion("echo")
  const input = { do: "say", text: "z", delay: 0, repeat: 1, log: false, fail: "on purpose" }
  await updateDeployment(alice, deployment.owner, deployment.name, { version, canary_percent: 50, canary_minutes: 60 })
  await until(deployment, { rollout: "canary", canary_since: expect.any(String) })
  const given: string[] = []
  for (let n = 0; n < 200; n++) {
    if ((await getDeployment(alice, deployment.owner, deployment.name)).rollout !== "canary") break
    const ended = await over(await run(deployment, input))
    given.push(`${ended.version === version ? "tried" : "usual"} ${ended.status}`)
  }
  expect(new Set(given)).toEqual(new Set(["tried failed", "usual succeeded"]))
  const given_up = await until(deployment, { rollout: "failed", serving: 1, current: 2 })
  expect(given_up.rollout_detail).toMatch(/^\d+ % of its predictions failed/)
  expect(await over(await run(deployment, input))).toMatchObject({ status: "succeeded", version: model.version.id })
}, 120_000)

test("a release that is tried is given up when its predictions take much longer", async () => {
  const deployment = await create({ min_instances: 1, max_instances: 3 })
  await soon(async () => expect(await readyIn(deployment.release.pool)).toBe(1))
  // Only the model of the second release supports `delay`.
  const version = await anotherVersion("echo")
  const input = { do: "say", text: "z", delay: 1.5, repeat: 1, log: false }
  await updateDeployment(alice, deployment.owner, deployment.name, { version, canary_percent: 50, canary_minutes: 60 })
  await until(deployment, { rollout: "canary", canary_since: expect.any(String) })
  const runs: Prediction[] = []
  for (let n = 0; n < 20; n++) {
    if ((await getDeployment(alice, deployment.owner, deployment.name)).rollout !== "canary") break
    const wave = await Promise.all(Array.from({ length: 10 }, () => run(deployment, input)))
    runs.push(...(await Promise.all(wave.map(over))))
  }
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["succeeded"]))
  const given_up = await until(deployment, { rollout: "failed", serving: 1, current: 2 })
  const [, tried, usual] =
    /^Its 95th-percentile run time is ([\d.]+) s; that of the previous release is ([\d.]+) s\.$/.exec(
      given_up.rollout_detail!,
    )!
  expect(Number(tried)).toBeGreaterThanOrEqual(1.5)
  expect(Number(tried)).toBeGreaterThan(2 * Number(usual) + 0.9)
  for (const one of [version, model.version.id])
    expect(runs.filter((run) => run.version === one).length).toBeGreaterThanOrEqual(20)
  expect(await over(await run(deployment, input))).toMatchObject({ status: "succeeded", version: model.version.id })
}, 180_000)
