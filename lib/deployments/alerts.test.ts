import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { eq } from "drizzle-orm"
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { read, write } from "@/db"
import { deliveries, events, predictions } from "@/db/schema"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { updatePool } from "@/lib/pools/pool"
import { aMember, anAccount, anOrganization } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { listDeliveries } from "@/lib/webhooks/delivery"
import { getWebhookSecret } from "@/lib/webhooks/secret"
import { startSender } from "@/lib/webhooks/sender"
import { checkAlerts, errorVerdict, listAlerts, queueVerdict } from "./alerts"
import { createDeployment, disableDeployment, enableDeployment, getDeployment, updateDeployment } from "./deployment"
import { presentDeployment } from "./present"
import { runDeployment } from "./run"

let receiver: Server
let url: string
let received: { headers: Record<string, string>; body: string }[] = []
let alice: Actor
let model: Awaited<ReturnType<typeof aTestModel>>
const settings = { ...env }

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers as Record<string, string>, body: await text(request) })
    response.end()
  })
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alerts?secret=1`
  alice = (await anAccount()).actor
  model = await aTestModel(alice)
})
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
  Object.assign(env, settings)
})
beforeEach(() => {
  received = []
})

let made = 0
const create = (fields: object = {}) =>
  createDeployment(alice, {
    name: `watched-${++made}`,
    model: model.name,
    version: model.version.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 2,
    alert_webhook: url,
    ...fields,
  })
type Ref = { owner: string; name: string }
const check = async ({ owner, name }: Ref) => checkAlerts(await getDeployment(alice, owner, name))
const run = ({ owner, name }: Ref) => runDeployment(alice, owner, name, { input: {} }, { origin: "http://x" })
const raised = async ({ id }: { id: number }) => (await listAlerts(id)).map(({ kind }) => kind)
const owed = async (name: string) =>
  (await read().select().from(deliveries))
    .filter(({ event }) => event === "alert")
    .map(({ body }) => JSON.parse(body!))
    .filter(({ deployment }) => deployment.endsWith(`/${name}`))
const end = (id: string, status: "succeeded" | "failed" | "canceled") =>
  write(async (tx) => {
    await tx.update(predictions).set({ status, completed_at: now() }).where(eq(predictions.id, id))
  })

test("an alert is raised above its threshold, and is over at half of it", () => {
  expect(queueVerdict(11, 10)).toEqual({ detail: "11 predictions are queued, more than 10." })
  expect(queueVerdict(10, 10)).toBeNull()
  expect(queueVerdict(6, 10)).toBeNull()
  expect(queueVerdict(5, 10)).toBe("over")
  expect(queueVerdict(1000, null)).toBe("over")
  expect(errorVerdict({ ended: 10, failed: 2 }, 20)).toEqual({
    detail: "2 of 10 predictions of the last 10 minutes failed (20 %).",
  })
  expect(errorVerdict({ ended: 20, failed: 3 }, 20)).toBeNull()
  expect(errorVerdict({ ended: 20, failed: 2 }, 20)).toBe("over")
  expect(errorVerdict({ ended: 0, failed: 0 }, 20)).toBe("over")
})

test("a handful of failed predictions raises no alert", () => {
  expect(errorVerdict({ ended: 9, failed: 9 }, 20)).toBeNull()
  expect(errorVerdict({ ended: 10, failed: 9 }, 20)).toMatchObject({ detail: expect.any(String) })
})

test("a long queue raises one alert, and the next one only after it was short", async () => {
  const deployment = await create({ alert_queue_length: 2 })
  const queued = []
  for (let n = 0; n < 3; n++) queued.push(await run(deployment))
  for (let n = 0; n < 3; n++) await check(deployment)
  expect(await owed(deployment.name)).toHaveLength(1)
  await end(queued[0]!.id, "canceled")
  await check(deployment)
  await run(deployment)
  await check(deployment)
  expect(await owed(deployment.name)).toHaveLength(1)
  for (const { id } of queued) await end(id, "canceled")
  await check(deployment)
  expect(await raised(deployment)).toEqual([])
  for (let n = 0; n < 3; n++) await run(deployment)
  await check(deployment)
  expect(await owed(deployment.name)).toHaveLength(2)
})

test("failed predictions raise an alert, canceled ones do not", async () => {
  const deployment = await create({ alert_error_percent: 20 })
  for (let n = 0; n < 12; n++) await end((await run(deployment)).id, n < 4 ? "canceled" : "succeeded")
  for (let n = 0; n < 2; n++) await end((await run(deployment)).id, "failed")
  await check(deployment)
  expect(await owed(deployment.name)).toMatchObject([
    { alert: "error_rate", detail: expect.stringContaining("2 of 10") },
  ])
})

test("a failed set-up raises an alert per release", async () => {
  const deployment = await create()
  await updatePool(deployment.release.pool, { failures: 1, failure: "no such file" })
  for (let n = 0; n < 2; n++) await check(deployment)
  expect(await owed(deployment.name)).toMatchObject([
    { alert: "set_up_failed", release: 1, detail: "The set-up of release 1 failed:\nno such file" },
  ])
  const { release } = await updateDeployment(alice, deployment.owner, deployment.name, { hardware: "cpu" })
  await updatePool(release.pool, { failures: 2, failure: "again" })
  await check(deployment)
  expect((await owed(deployment.name)).map((one) => one.release)).toEqual([1, 2])
  for (const { pool } of [release, deployment.release]) await updatePool(pool, { failures: 0 })
  await check(deployment)
  expect(await raised(deployment)).toEqual([])
})

test("an alert arrives signed, and is listed among the deliveries of the account", async () => {
  env.WEBHOOKS_TO_PRIVATE = "1"
  env.PUBLIC_URL = "https://models.example.com"
  const stop = startSender({ report: (error) => expect.fail(String(error)) })
  const deployment = await create({ alert_queue_length: 1 })
  for (let n = 0; n < 2; n++) await run(deployment)
  await check(deployment)
  const mine = () => received.find(({ body }) => body.includes(`${deployment.name}"`))
  await vi.waitUntil(mine, { timeout: 20_000, interval: 20 })
  const { headers, body } = mine()!
  const key = await getWebhookSecret(alice)
  expect(new Webhook(key).verify(body, headers)).toEqual({
    type: "deployment.alert",
    alert: "queue_length",
    deployment: `${deployment.owner}/${deployment.name}`,
    release: 1,
    detail: "2 predictions are queued, more than 1.",
    raised_at: expect.any(String),
    urls: { web: `https://models.example.com/deployments/${deployment.owner}/${deployment.name}` },
  })
  const account = { id: alice.owner_id, username: alice.username }
  await vi.waitFor(
    async () =>
      expect((await listDeliveries(alice, account)).rows).toContainEqual(
        expect.objectContaining({ event: "alert", url, status: 200 }),
      ),
    { timeout: 20_000 },
  )
  await stop()
})

test("without an address nothing is raised, and removing it ends what is", async () => {
  const quiet = await create({ alert_webhook: null, alert_queue_length: 1 })
  for (let n = 0; n < 2; n++) await run(quiet)
  await check(quiet)
  expect(await raised(quiet)).toEqual([])
  await updateDeployment(alice, quiet.owner, quiet.name, { alert_webhook: url })
  await check(quiet)
  expect(await raised(quiet)).toEqual(["queue_length"])
  await updateDeployment(alice, quiet.owner, quiet.name, { alert_webhook: "" })
  expect(await raised(quiet)).toEqual([])
})

test("disabling a deployment ends its alerts", async () => {
  const deployment = await create({ alert_queue_length: 1 })
  for (let n = 0; n < 2; n++) await run(deployment)
  await check(deployment)
  await disableDeployment(alice, deployment.owner, deployment.name)
  await enableDeployment(alice, deployment.owner, deployment.name)
  expect(await raised(deployment)).toEqual([])
})

test("a change of alerts is no release, is recorded without the secret in its address, and says what is wrong", async () => {
  const deployment = await create({ alert_webhook: null })
  const change = (fields: object) => updateDeployment(alice, deployment.owner, deployment.name, fields)
  expect(await change({ alert_webhook: url, alert_error_percent: "5", alert_queue_length: 9 })).toMatchObject({
    current: 1,
    alert_webhook: url,
    alert_error_percent: 5,
    alert_queue_length: 9,
  })
  const recorded = (await read().select().from(events)).findLast(({ action }) => action === "deployment.updated")!
  expect(recorded).toMatchObject({
    subject: deployment.name,
    details: { alert_webhook: new URL(url).host, alert_error_percent: 5, alert_queue_length: 9 },
  })
  for (const fields of [{ alert_webhook: "nowhere" }, { alert_error_percent: 0 }, { alert_queue_length: 10_000 }])
    await expect(change(fields)).rejects.toMatchObject({ issues: [{ path: [Object.keys(fields)[0]] }] })
})

test("the address of alerts is shown to those who can change it", async () => {
  const { organization, actor } = await anOrganization()
  const viewer = await aMember(actor, organization, "viewer")
  const deployment = await createDeployment(
    actor,
    {
      name: "ours",
      model: model.name,
      version: model.version.id,
      hardware: "cpu-small",
      min_instances: 0,
      max_instances: 1,
      alert_webhook: url,
    },
    organization,
  )
  expect(presentDeployment(actor, deployment, deployment.by).alert_webhook).toBe(url)
  expect(presentDeployment(viewer, deployment, deployment.by).alert_webhook).toBeNull()
})
