import { beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { apiFor, type CallApi } from "@/lib/test/api"
import { anAccount, anOrganization, aToken } from "@/lib/test/factories"
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
  ] as const)
    expect(
      await call(method, url, method === "GET" || method === "DELETE" ? {} : { body: { input: {} } }),
    ).toMatchObject({
      status: 404,
    })
})
