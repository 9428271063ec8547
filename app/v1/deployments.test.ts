import { eq } from "drizzle-orm"
import { beforeAll, expect, test } from "vitest"

import { write } from "@/db"
import { predictions } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { getDeployment } from "@/lib/deployments/deployment"
import { metricsOf, type Step } from "@/lib/deployments/metrics"
import { apiFor, type CallApi } from "@/lib/test/api"
import { anAccount, anOrganization, aToken } from "@/lib/test/factories"
import { anInstance, aUse } from "@/lib/test/instances"
import { issueToken } from "@/lib/tokens/token"
import { aTestModel } from "@/lib/test/running"

let alice: Actor
let call: CallApi
let model: Awaited<ReturnType<typeof aTestModel>>
beforeAll(async () => {
  alice = (await anAccount()).actor
  call = (await apiFor(await aToken(alice))).call
  model = await aTestModel(alice)
})

let made = 0
const body = (fields: object = {}) => ({
  name: `d-${++made}`,
  model: model.name,
  version: model.version.id,
  hardware: "cpu-small",
  min_instances: 0,
  max_instances: 1,
  ...fields,
})

test("a deployment is made, read, listed, changed and deleted", async () => {
  const asked = body()
  const path = `/v1/deployments/${alice.username}/${asked.name}`
  const { status, body: created } = await call("POST", "/v1/deployments", { body: asked })
  expect(status).toBe(200)
  expect(created).toEqual({
    owner: alice.username,
    name: asked.name,
    current_release: {
      number: 1,
      model: model.name,
      version: model.version.id,
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
      created_by: { type: "user", username: alice.username, name: expect.any(String) },
      configuration: { hardware: "cpu-small", min_instances: 0, max_instances: 1 },
    },
    serving_release: 1,
    rollout: { state: "done" },
    enabled: true,
    idle_seconds: null,
    buffer_instances: 0,
    follows: null,
    queue_limit: null,
    run_limit_minutes: null,
    setup_limit_minutes: null,
    monthly_cap_usd: null,
    schedule: [],
    alert_webhook: null,
    alert_error_percent: null,
    alert_queue_length: null,
  })
  expect((await call("GET", path)).body).toEqual(created)
  expect((await call("GET", "/v1/deployments")).body.results).toContainEqual(created)
  expect(await call("PATCH", path, { body: { max_instances: 2 } })).toMatchObject({
    status: 200,
    body: { current_release: { number: 2, configuration: { max_instances: 2 } } },
  })
  expect(await call("POST", `${path}/rollback`, { body: { release: 1 } })).toMatchObject({
    status: 200,
    body: { current_release: { number: 3, rollback_of: 1, configuration: { max_instances: 1 } } },
  })
  expect((await call("GET", `${path}/releases`)).body.results.map(({ number }: { number: number }) => number)).toEqual([
    3, 2, 1,
  ])
  expect(await call("POST", `${path}/disable`)).toMatchObject({ status: 200, body: { enabled: false } })
  expect(await call("POST", `${path}/predictions`, { body: { input: {} } })).toMatchObject({ status: 422 })
  expect(await call("POST", `${path}/enable`)).toMatchObject({ status: 200, body: { enabled: true } })
  expect(await call("DELETE", path)).toMatchObject({ status: 204 })
  expect(await call("GET", path)).toMatchObject({ status: 404 })
})

test("a prediction of it names it, is read anywhere, and waits in its queue", async () => {
  const asked = body({ queue_limit: 1 })
  await call("POST", "/v1/deployments", { body: asked })
  const path = `/v1/deployments/${alice.username}/${asked.name}/predictions`
  const made = await call("POST", path, { body: { input: { text: "hi" } } })
  expect(made).toMatchObject({
    status: 201,
    body: { deployment: `${alice.username}/${asked.name}`, model: model.name, version: model.version.id },
  })
  expect((await call("GET", `/v1/predictions/${made.body.id}`)).body).toEqual(made.body)
  expect(await call("POST", path, { body: { input: {} } })).toMatchObject({
    status: 429,
    headers: { "retry-after": "5" },
  })
})

/** A deployment with three predictions and a minute of an instance in each of two steps. */
async function aUsedDeployment() {
  const asked = body()
  await call("POST", "/v1/deployments", { body: asked })
  const path = `/v1/deployments/${alice.username}/${asked.name}`
  const deployment = await getDeployment(alice, alice.username, asked.name)
  const instance = await anInstance(deployment.release.pool, { created_at: fromNow(-3000), ready_at: fromNow(-2990) })
  const amount = {
    owner_id: alice.owner_id,
    model_id: model.model.id,
    seconds: 60,
    usd_per_second: "0.001",
    usd: "0.06",
  }
  await aUse(instance, { ...amount, at: fromNow(-1800) })
  await aUse(instance, { ...amount, at: fromNow(-30) })
  const ran = [
    { ago: 1800, seconds: 2, status: "succeeded" },
    { ago: 60, seconds: 4, status: "failed" },
    { ago: 30, seconds: 1, status: "succeeded" },
  ] as const
  for (const { ago, seconds, status } of ran) {
    const { body: made } = await call("POST", `${path}/predictions`, { body: { input: {} } })
    // Queued for a second.
    const created = Date.now() - ago * 1000
    const at = (after: number) => new Date(created + after * 1000).toISOString()
    await write(async (tx) => {
      await tx
        .update(predictions)
        .set({
          status,
          created_at: at(0),
          claimed_at: at(1),
          started_at: at(1),
          completed_at: at(1 + seconds),
          instance_id: instance.id,
        })
        .where(eq(predictions.id, made.id))
    })
  }
  return { deployment, path }
}

test("its metrics are read as JSON and as CSV, with what the tables say", async () => {
  const { deployment, path } = await aUsedDeployment()
  const { status, body: json } = await call("GET", `${path}/metrics?range=2h`)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    range: "2h",
    requests: 3,
    failed: 1,
    cold_starts: 1,
    latency: { p50: 3, p95: 5, p99: 5 },
    run: { p50: 2, p95: 4, p99: 4 },
    usd: "0.12",
    complete_since: null,
  })
  expect(json.steps).toHaveLength(24)
  expect(json.steps.at(-1)).toMatchObject({ instances: 1 })
  // A new step may have begun in the last minute.
  const lately = (name: "requests" | "failed" | "usd") =>
    json.steps.slice(-2).reduce((sum: number, step: Record<string, unknown>) => sum + Number(step[name]), 0)
  expect([lately("requests"), lately("failed"), lately("usd")]).toEqual([2, 1, 0.06])
  const csv = await call("GET", `${path}/metrics?range=2h&format=csv`)
  expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8")
  const [head, ...lines] = csv.text
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","))
  const sum = (name: string) => lines.reduce((all, line) => all + Number(line[head!.indexOf(name)]), 0)
  expect(lines).toHaveLength(24)
  expect([sum("predictions"), sum("failed"), sum("cold_starts")]).toEqual([3, 1, 1])
  expect(sum("usd")).toBeCloseTo(0.12)
  expect(await call("GET", `${path}/metrics?range=1y`)).toMatchObject({ status: 400 })
  expect((await call("GET", `${path}/metrics`)).body.steps).toHaveLength(48)
  expect(deployment.owner).toBe(alice.username)
})

test("metrics of more predictions or instances than are read say since when percentiles are complete", async () => {
  const { deployment } = await aUsedDeployment()
  const few = await metricsOf(deployment, "2h", { runs: 2, lives: 100 })
  const newest = await metricsOf(deployment, "2h", { runs: 100, lives: 100 })
  expect(newest).toMatchObject({ requests: 3, usd: "0.12", complete_since: null })
  // Counts and the cost always are.
  const { steps: _steps, latency, run, ...counted } = few
  expect(newest).toMatchObject({ ...counted, queue: few.queue, complete_since: null })
  expect([newest.latency!.p50, latency!.p50, run!.p50]).toEqual([3, 2, 1])
  expect(few.steps.map(countsOf)).toEqual(newest.steps.map(countsOf))
  expect(few.complete_since).toEqual(expect.any(String))
  expect(Date.parse(few.complete_since!)).toBeGreaterThan(Date.now() - 120_000)
  const lives = await metricsOf(deployment, "2h", { runs: 100, lives: 1 })
  expect(lives.complete_since).not.toBeNull()
  expect(lives).toMatchObject({ cold_starts: 1, usd: "0.12" })
})

const countsOf = ({ at, requests, failed, cold_starts }: Step) => ({ at, requests, failed, cold_starts })

test("what is wrong is said for every field, in the words of the API", async () => {
  expect(await call("POST", "/v1/deployments", { body: {} })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining("- hardware: Choose hardware.") },
  })
  expect(await call("POST", "/v1/deployments", { body: body({ version: "nope" }) })).toMatchObject({ status: 422 })
})

test("a token of an organization acts for it, and others find nothing", async () => {
  const { organization, actor } = await anOrganization()
  const { secret: token } = await issueToken(actor, { name: "test" }, organization)
  const asOrganization = (await apiFor(token)).call
  const asked = body()
  expect(await asOrganization("POST", "/v1/deployments", { body: asked })).toMatchObject({
    status: 200,
    body: { owner: organization.username },
  })
  const path = `/v1/deployments/${organization.username}/${asked.name}`
  for (const [method, url] of [
    ["GET", path],
    ["PATCH", path],
    ["DELETE", path],
    ["POST", `${path}/disable`],
    ["POST", `${path}/predictions`],
    ["GET", `${path}/releases`],
    ["GET", `${path}/metrics`],
    ["GET", `${path}/metrics?format=csv`],
  ] as const)
    expect(
      await call(method, url, method === "GET" || method === "DELETE" ? {} : { body: { input: {} } }),
    ).toMatchObject({
      status: 404,
    })
})
