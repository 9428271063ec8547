import { eq } from "drizzle-orm"
import { beforeAll, describe, expect, test } from "vitest"

import { read, write } from "@/db"
import { env } from "@/env"
import { events, instances } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { instanceSpecOf } from "@/lib/hub/run-order"
import { createPrediction } from "@/lib/predictions/create"
import { findPool } from "@/lib/pools/pool"
import { deleteModel, updateModel } from "@/lib/models/model"
import { renameModel } from "@/lib/models/rename"
import { deleteVersion } from "@/lib/versions/version"
import { aModel, anAccount } from "@/lib/test/factories"
import { anInstance } from "@/lib/test/instances"
import { aTestModel } from "@/lib/test/running"
import {
  addToSchedule,
  createDeployment,
  deleteDeployment,
  deletionBlockers,
  disableDeployment,
  enableDeployment,
  getDeployment,
  listDeployments,
  listReleases,
  maxDeployments,
  removeFromSchedule,
  rollBack,
  updateDeployment,
  warmUp,
} from "./deployment"
import { runDeployment } from "./run"
import { canaryRegression } from "./rollout"

let alice: Actor
let bob: Actor
let model: Awaited<ReturnType<typeof aTestModel>>
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
  model = await aTestModel(alice)
})

let made = 0
const create = (fields: object = {}, actor = alice) =>
  createDeployment(actor, {
    name: `one-${++made}`,
    model: model.name,
    version: model.version.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 2,
    ...fields,
  } as never)
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "no refusal",
    (error: { kind?: string; fields?: object; detail?: string }) => error,
  )

describe("a deployment", () => {
  test("begins with release 1, which serves", async () => {
    const deployment = await create({ min_instances: 1, idle_seconds: 30 })
    expect(deployment).toMatchObject({
      current: 1,
      serving: 1,
      rollout: "done",
      paused_at: null,
      release: { number: 1, model: model.name, version: model.version.id, min_instances: 1, max_instances: 2 },
      by: { id: alice.owner_id },
    })
    expect(await findPool(deployment.release.pool)).toMatchObject({
      owner_id: alice.owner_id,
      min_instances: 1,
      max_instances: 2,
      idle_seconds: 30,
    })
  })

  test("has spare instances and a limit of set-ups of its own, which change and go back to the server's", async () => {
    const own = await aTestModel(alice)
    const { owner, name, release } = await create({
      model: own.name,
      version: own.version.id,
      buffer_instances: 1,
      setup_limit_minutes: 5,
    })
    const limit = async () => (await instanceSpecOf((await findPool(release.pool))!, {} as never)).setup_limit
    expect(await findPool(release.pool)).toMatchObject({ buffer_instances: 1 })
    expect(await limit()).toBe(300)
    const changed = await updateDeployment(alice, owner, name, { buffer_instances: 2, setup_limit_minutes: 180 })
    expect(changed).toMatchObject({
      current: 2,
      serving: 2,
      setup_limit_minutes: 180,
      release: { buffer_instances: 2 },
    })
    expect(await findPool(release.pool)).toMatchObject({ buffer_instances: 2 })
    expect(await limit()).toBe(180 * 60)
    const version = (await aTestModel(alice, { model: own.model })).version.id
    const next = await updateDeployment(alice, owner, name, { version })
    expect(await findPool(next.release.pool)).toMatchObject({ buffer_instances: 2, setup_limit_minutes: 180 })
    await updateDeployment(alice, owner, name, { setup_limit_minutes: null, buffer_instances: null })
    expect(await findPool(release.pool)).toMatchObject({ setup_limit_minutes: null })
    expect(await limit()).toBe(env.SETUP_LIMIT_MINUTES * 60)
    expect(await refusal(create({ setup_limit_minutes: 181, buffer_instances: 21 }))).toMatchObject({
      issues: [
        expect.objectContaining({ path: ["buffer_instances"] }),
        expect.objectContaining({ path: ["setup_limit_minutes"] }),
      ],
    })
  })

  test("runs the latest version where that is asked for", async () => {
    expect(await create({ version: "latest" })).toMatchObject({ release: { version: model.version.id } })
  })

  test("says everything that is wrong with it at once", async () => {
    expect(await refusal(create({ name: "A b", hardware: "", min_instances: 6, max_instances: 21 }))).toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ path: ["name"] }),
        expect.objectContaining({ path: ["hardware"] }),
        expect.objectContaining({ path: ["min_instances"] }),
        expect.objectContaining({ path: ["max_instances"] }),
      ]),
    })
    expect(await refusal(create({ min_instances: 2, max_instances: 1 }))).toMatchObject({
      issues: [expect.objectContaining({ path: ["max_instances"] })],
    })
    expect(await refusal(create({ hardware: "abacus" }))).toMatchObject({ fields: { hardware: expect.any(String) } })
    expect(await refusal(create({ version: "0".repeat(64) }))).toMatchObject({
      kind: "noSuchVersion",
      fields: { version: expect.any(String) },
    })
  })

  test("has a name that its account has once", async () => {
    const { name } = await create()
    expect(await refusal(create({ name }))).toMatchObject({ kind: "conflict" })
    expect(await create({ name }, bob)).toMatchObject({ owner_id: bob.owner_id })
  })

  test("is not there for others, who can deploy public models for themselves", async () => {
    const { owner, name } = await create()
    for (const ask of [
      () => getDeployment(bob, owner, name),
      () => updateDeployment(bob, owner, name, { max_instances: 3 }),
      () => deleteDeployment(bob, owner, name),
      () => runDeployment(bob, owner, name, { input: {} }, { origin: "http://x" }),
      () => listDeployments(bob, undefined, { id: alice.owner_id }),
    ])
      expect(await refusal(ask())).toMatchObject({ kind: "missing" })
    expect(await refusal(getDeployment(null, owner, name))).toMatchObject({ kind: "missing" })
    expect(await create({}, bob)).toMatchObject({ owner_id: bob.owner_id })
  })

  test("of a private model is its owner's alone", async () => {
    const own = await aTestModel(alice, { visibility: "private" })
    const fields = { model: own.name, version: own.version.id }
    expect(await refusal(create(fields, bob))).toMatchObject({ kind: "noSuchVersion" })
    expect(await create(fields)).toMatchObject({ owner_id: alice.owner_id })
  })

  test("is listed, the newest first", async () => {
    const carol = (await anAccount()).actor
    for (const name of ["a", "b", "c"]) await create({ name }, carol)
    const first = await listDeployments(carol, undefined, undefined, 2)
    expect(first.rows.map(({ name }) => name)).toEqual(["c", "b"])
    const second = await listDeployments(carol, first.next!, undefined, 2)
    expect(second.rows.map(({ name }) => name)).toEqual(["a"])
  })
})

describe("a change", () => {
  test("of numbers is a release that serves at once, in the same pool", async () => {
    const before = await create()
    const after = await updateDeployment(alice, before.owner, before.name, {
      min_instances: 1,
      max_instances: "3" as never,
    })
    expect(after).toMatchObject({ current: 2, serving: 2, rollout: "done", release: { pool: before.release.pool } })
    expect(await findPool(after.release.pool)).toMatchObject({ min_instances: 1, max_instances: 3 })
    expect(await updateDeployment(alice, before.owner, before.name, { min_instances: 1 })).toMatchObject({ current: 2 })
  })

  test("of the hardware is a release that is rolled out first, and limits are none", async () => {
    const before = await create()
    const rolling = await updateDeployment(alice, before.owner, before.name, { hardware: "cpu" })
    expect(rolling).toMatchObject({ current: 2, serving: 1, rollout: "rolling" })
    expect(rolling.release.pool).not.toBe(rolling.serves.pool)
    expect(
      await updateDeployment(alice, before.owner, before.name, { queue_limit: 5, monthly_cap_usd: "12.50" }),
    ).toMatchObject({
      current: 2,
      queue_limit: 5,
      monthly_cap_usd: "12.50",
    })
    const again = await updateDeployment(alice, before.owner, before.name, { hardware: "cpu-small" })
    expect(again).toMatchObject({ current: 3, serving: 3, rollout: "done", release: { pool: before.release.pool } })
    expect(await findPool(rolling.release.pool)).toMatchObject({ retired_at: expect.any(String) })
    const { rows } = await listReleases(again)
    expect(rows.map(({ release }) => release.number)).toEqual([3, 2, 1])
  })

  test("is taken back by a release of its own", async () => {
    const { owner, name } = await create()
    await updateDeployment(alice, owner, name, { max_instances: 7 })
    expect(await rollBack(alice, owner, name, { release: 1 })).toMatchObject({
      current: 3,
      release: { max_instances: 2, rollback_of: 1 },
    })
    expect(await refusal(rollBack(alice, owner, name, { release: 9 }))).toMatchObject({
      fields: { release: expect.any(String) },
    })
  })
})

test("a disabled one starts nothing and refuses predictions, until it is enabled", async () => {
  const { owner, name, release } = await create({ min_instances: 1 })
  await disableDeployment(alice, owner, name)
  expect(await findPool(release.pool)).toMatchObject({ min_instances: 0, max_instances: 0 })
  expect(await refusal(runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" }))).toMatchObject({
    kind: "unprocessable",
    detail: expect.stringContaining("disabled"),
  })
  expect(await refusal(warmUp(alice, owner, name, { instances: 1 }))).toMatchObject({ kind: "unprocessable" })
  expect(await enableDeployment(alice, owner, name)).toMatchObject({ paused_at: null })
  expect(await findPool(release.pool)).toMatchObject({ min_instances: 1, max_instances: 2 })
})

test("instances are booted on request, up to the maximum", async () => {
  const { owner, name, release } = await create()
  await warmUp(alice, owner, name, { instances: 2, minutes: 5 })
  expect(await findPool(release.pool)).toMatchObject({ warm_instances: 2, warm_until: expect.any(String) })
  expect(await refusal(warmUp(alice, owner, name, { instances: 3 }))).toMatchObject({
    fields: { instances: expect.any(String) },
  })
})

test("a maximum of 0 refuses predictions as well", async () => {
  const { owner, name } = await create({ max_instances: 0 })
  expect(await refusal(runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" }))).toMatchObject({
    kind: "unprocessable",
    detail: expect.stringContaining("maximum of 0"),
  })
})

test("an account has so many deployments and no more", async () => {
  const carol = (await anAccount()).actor
  for (let n = 0; n < maxDeployments; n++) await create({}, carol)
  expect(await refusal(create({}, carol))).toMatchObject({ kind: "forbidden" })
})

test("a full queue refuses more", async () => {
  const { owner, name } = await create({ queue_limit: 1 })
  const first = await runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" })
  expect(first).toMatchObject({ deployment: `${owner}/${name}`, owner_id: alice.owner_id, status: "starting" })
  expect(await refusal(runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" }))).toMatchObject({
    kind: "throttled",
    retryAfter: 5,
  })
})

test("what ran in the last 15 minutes cannot be deleted", async () => {
  const { owner, name, release } = await create()
  const stopped = (minutes: number) =>
    anInstance(release.pool, { state: "stopped", stopped_at: fromNow(-minutes * 60) })
  await stopped(16)
  const recent = await stopped(14)
  expect(await refusal(deleteDeployment(alice, owner, name))).toMatchObject({
    kind: "invalid",
    detail: expect.stringContaining("It ran within the last 15 minutes"),
  })
  await write(async (tx) => {
    await tx
      .update(instances)
      .set({ stopped_at: fromNow(-16 * 60) })
      .where(eq(instances.id, recent.id))
  })
  await deleteDeployment(alice, owner, name)
  expect(await refusal(getDeployment(alice, owner, name))).toMatchObject({ kind: "missing" })
})

test("a version that is deployed cannot be deleted, nor its model", async () => {
  const own = await aTestModel(alice, { visibility: "private" })
  const { owner, name } = await create({ model: own.name, version: own.version.id })
  expect(await refusal(deleteVersion(alice, own.model.owner, own.model.name, own.version.id))).toMatchObject({
    detail: expect.stringContaining(`${owner}/${name}`),
  })
  expect(await refusal(deleteModel(alice, own.model.owner, own.model.name))).toMatchObject({
    fields: { deployments: expect.stringContaining(`${owner}/${name}`), versions: expect.any(String) },
  })
  await deleteDeployment(alice, owner, name)
  await deleteVersion(alice, own.model.owner, own.model.name, own.version.id)
  await deleteModel(alice, own.model.owner, own.model.name)
})

test("who may not delete a version is told every reason, with the names of its deployments", async () => {
  const own = await aTestModel(alice)
  await createPrediction(bob, { version: "named" }, { version: own.version.id, input: {} }, { origin: "http://x" })
  await updateModel(alice, own.model.owner, own.model.name, { visibility: "private" })
  const named = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const name = `deployed-${String(n).padStart(2, "0")}`
      const made = await create({ name, model: own.name, version: own.version.id })
      return `${made.owner}/${made.name}`
    }),
  )
  const list = `${named.slice(0, 10).join(", ")} and 2 more`
  expect(await refusal(deleteVersion(alice, own.model.owner, own.model.name, own.version.id))).toMatchObject({
    detail: `The deployments ${list} run this version. Give them another one, or delete them first. Another account has run this version, so it cannot be deleted.`,
  })
  expect(await refusal(deleteModel(alice, own.model.owner, own.model.name))).toMatchObject({
    fields: { deployments: expect.stringContaining(`It is deployed as ${list}.`) },
  })
})

test("one that never ran can be deleted, and its name is free again", async () => {
  const { owner, name } = await create()
  expect(await deletionBlockers(await getDeployment(alice, owner, name))).toEqual([])
  await deleteDeployment(alice, owner, name)
  expect(await refusal(getDeployment(alice, owner, name))).toMatchObject({ kind: "missing" })
  expect(await create({ name })).toMatchObject({ current: 1 })
})

test("a release that is tried is given up for more failures or longer runs, not for bad luck", () => {
  const runs = (ended: number, failed: number, p95_seconds: number | null = 1) => ({ ended, failed, p95_seconds })
  expect(canaryRegression(runs(4, 4), runs(100, 0))).toBeUndefined()
  expect(canaryRegression(runs(10, 2), runs(100, 0))).toBeUndefined()
  expect(canaryRegression(runs(10, 3), runs(100, 25))).toBeUndefined()
  expect(canaryRegression(runs(10, 3), runs(100, 0))).toContain("30 %")
  expect(canaryRegression(runs(20, 0, 4), runs(20, 0, 1))).toContain("4.0 s")
  expect(canaryRegression(runs(20, 0, 2.9), runs(20, 0, 1))).toBeUndefined()
  expect(canaryRegression(runs(19, 0, 9), runs(20, 0, 1))).toBeUndefined()
})

test("a line is added to the schedule once, and removed", async () => {
  const { owner, name } = await create()
  const line = { days: ["1", "2"], from: "08:00", to: "18:30", time_zone: "Europe/Berlin", min_instances: "1" }
  const kept = { days: [1, 2], from: 480, to: 1110, time_zone: "Europe/Berlin", min_instances: 1 }
  for (let n = 0; n < 2; n++) expect(await addToSchedule(alice, owner, name, line)).toMatchObject({ schedule: [kept] })
  expect(await addToSchedule(alice, owner, name, { ...line, days: ["6"] })).toMatchObject({
    current: 1,
    schedule: [kept, { ...kept, days: [6] }],
  })
  expect(await removeFromSchedule(alice, owner, name, kept)).toMatchObject({ schedule: [{ ...kept, days: [6] }] })
  expect(await refusal(addToSchedule(bob, owner, name, line))).toMatchObject({ kind: "missing" })
  for (const wrong of [
    { days: [] },
    { from: "" },
    { to: "25:00" },
    { time_zone: "Europe/Nowhere" },
    { min_instances: "6" },
  ])
    expect(await refusal(addToSchedule(alice, owner, name, { ...line, ...wrong }))).toMatchObject({
      issues: [expect.objectContaining({ path: [Object.keys(wrong)[0]] })],
    })
})

test("a schedule has so many lines and no more", async () => {
  const line = { days: [1], from: 0, to: 60, time_zone: "UTC", min_instances: 1 }
  const { owner, name } = await create({ schedule: Array.from({ length: 20 }, (_, n) => ({ ...line, to: n + 1 })) })
  expect(await refusal(addToSchedule(alice, owner, name, line))).toMatchObject({
    fields: { days: "A schedule has at most 20 lines." },
  })
})

test("everything that is done to a deployment is in the audit log, with what changed", async () => {
  const dave = (await anAccount()).actor
  const { owner, name } = await create({ queue_limit: 3 }, dave)
  await updateDeployment(dave, owner, name, { max_instances: 3 })
  await updateDeployment(dave, owner, name, { run_limit_minutes: 4, queue_limit: null })
  await addToSchedule(dave, owner, name, { days: [1], from: 0, to: 60, time_zone: "UTC", min_instances: 1 })
  await rollBack(dave, owner, name, { release: 1 })
  await warmUp(dave, owner, name, { instances: 1, minutes: 5 })
  await disableDeployment(dave, owner, name)
  await enableDeployment(dave, owner, name)
  await deleteDeployment(dave, owner, name)
  const recorded = (await read().select().from(events).orderBy(events.id)).filter(
    ({ actor_id, action }) => actor_id === dave.owner_id && action.startsWith("deployment."),
  )
  expect(recorded.map(({ action, details }) => [action, details])).toEqual([
    ["deployment.created", expect.objectContaining({ model: model.name, max_instances: 2, queue_limit: 3 })],
    ["deployment.updated", { max_instances: 3, max_instances_was: 2 }],
    ["deployment.updated", { run_limit_minutes: 4, queue_limit: null }],
    ["deployment.updated", { schedule: "1 line" }],
    ["deployment.rolled_back", { release: 1 }],
    ["deployment.warmed", { instances: 1, minutes: 5 }],
    ["deployment.disabled", {}],
    ["deployment.enabled", {}],
    ["deployment.deleted", {}],
  ])
  expect(new Set(recorded.map(({ subject, owner_id }) => `${owner_id} ${subject}`))).toEqual(
    new Set([`${dave.owner_id} ${name}`]),
  )
})

test("a changed time limit applies to what runs", async () => {
  const { owner, name, release } = await create({ run_limit_minutes: 5 })
  await updateDeployment(alice, owner, name, { run_limit_minutes: 7 })
  expect(await findPool(release.pool)).toMatchObject({ run_limit_minutes: 7 })
})

test("stays with its model when that is renamed and another one gets the name", async () => {
  const own = await aTestModel(alice)
  const { owner, name } = await create({ model: own.name, version: own.version.id })
  const renamed = await renameModel(alice, own.model.owner, own.model.name, { name: `${own.model.name}-renamed` })
  const now = `${renamed.owner}/${renamed.name}`
  const other = await aTestModel(alice, { model: await aModel(alice, { name: own.model.name }) })
  expect(other.name).toBe(own.name)

  expect(await runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" })).toMatchObject({ model: now })
  expect((await updateDeployment(alice, owner, name, { version: "latest", hardware: "cpu" })).release).toMatchObject({
    model: now,
    version: own.version.id,
  })
  expect((await rollBack(alice, owner, name, { release: 1 })).release).toMatchObject({ model: now })
  const { rows } = await listReleases(await getDeployment(alice, owner, name))
  expect(rows.map(({ release }) => release.model)).toEqual([now, now, now])
})

test("a model that was made private is not run for others any more", async () => {
  const own = await aTestModel(alice)
  const { owner, name } = await create({ model: own.name, version: own.version.id }, bob)
  await updateModel(alice, own.model.owner, own.model.name, { visibility: "private" })
  expect(await refusal(runDeployment(bob, owner, name, { input: {} }, { origin: "http://x" }))).toMatchObject({
    kind: "noSuchVersion",
  })
  await disableDeployment(bob, owner, name)
  expect(await refusal(enableDeployment(bob, owner, name))).toMatchObject({
    kind: "unprocessable",
    detail: "Its version is no longer available. Choose another one first.",
  })
  await updateDeployment(bob, owner, name, { model: model.name, version: model.version.id })
  expect(await enableDeployment(bob, owner, name)).toMatchObject({ current: 2, serving: 2, rollout: "done" })
})
