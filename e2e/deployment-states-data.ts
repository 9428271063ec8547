// Run beside a test's own server, on its data: creates deployments in all states, and prints the cookies of the people
// who look at them and the pages to open. Instances and predictions are inserted as rows, because nothing runs here.
import { and, eq } from "drizzle-orm"
import { encode } from "next-auth/jwt"

import { closeDatabase, write } from "@/db"
import { deployment_alerts, deployments, pools, predictions, releases } from "@/db/schema"
import { authSecret } from "@/lib/auth/secret"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { createDeployment, disableDeployment, updateDeployment, type Deployment } from "@/lib/deployments/deployment"
import { newId } from "@/lib/id"
import { actorFor, addUser, getAccount, type Account } from "@/lib/owners/owner"
import { addExample } from "@/lib/predictions/example"
import { openSession } from "@/lib/sessions/session"
import { aMember, aModel, anOrganization, aVersion } from "@/lib/test/factories"
import { anInstance, aUse } from "@/lib/test/instances"

const owner = await addUser({ username: "deployer" })
const actor = actorFor(owner, "web")
const text = { type: "string" }
const schemaOf = (properties: Record<string, object>) => ({
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object", required: ["prompt"], properties }, Output: text } },
})
const writer = await aModel(actor, { name: "writer", description: "Continues a text." })
const [old, next] = [
  await aVersion(actor, writer, { openapi_schema: schemaOf({ prompt: text, style: text }) }),
  await aVersion(actor, writer, { openapi_schema: schemaOf({ prompt: text, seed: { type: "integer" } }) }),
]

const create = (name: string, fields: object = {}, by: Actor = actor, account?: Account) =>
  createDeployment(
    by,
    {
      name,
      model: "deployer/writer",
      version: old.id,
      hardware: "cpu-small",
      min_instances: 0,
      max_instances: 3,
      idle_seconds: 3600,
      ...fields,
    },
    account,
  )
const change = ({ name }: Deployment, fields: object) => updateDeployment(actor, "deployer", name, fields)
const put = ({ id }: Deployment, fields: Partial<typeof deployments.$inferInsert>) =>
  write(async (tx) => {
    await tx.update(deployments).set(fields).where(eq(deployments.id, id))
  })
const log = "Downloading weights: 100 %\nLoading the model into memory\nReady after 12.4 s\n"
const booted = { created_at: fromNow(-5400), ready_at: fromNow(-5380), setup_log: log }

await create("idle")

const settingUp = await create("setting-up", { min_instances: 2 })
for (const state of ["booting", "setting_up"] as const)
  await anInstance(settingUp.release.pool, {
    state,
    ready_at: null,
    setup_log: state === "booting" ? "" : "Downloading weights: 42 %\n",
  })

/** Predictions, instance time and alerts of two hours. */
const busy = await create("greeter", {
  min_instances: 2,
  follows: "stable",
  monthly_cap_usd: "50",
  queue_limit: 100,
  alert_webhook: "https://alerts.example.com/room",
})
const [first, second] = [
  await anInstance(busy.release.pool, { ...booted, state: "busy" }),
  await anInstance(busy.release.pool, {
    ...booted,
    state: "idle",
    created_at: fromNow(-2400),
    ready_at: fromNow(-2380),
  }),
]
const ids = Array.from({ length: 60 }, () => newId())
for (const [n, id] of ids.entries()) {
  const ago = 5300 - n * 85
  const seconds = 1 + (n % 7)
  await write(async (tx) => {
    await tx.insert(predictions).values({
      id,
      owner_id: owner.id,
      created_by: owner.id,
      model_id: writer.id,
      version: old.id,
      operation: "predict",
      pool: busy.release.pool,
      deployment_id: busy.id,
      deployment: "deployer/greeter",
      instance_id: n % 2 ? second.id : first.id,
      status: n % 20 === 3 ? "failed" : "succeeded",
      error: n % 20 === 3 ? "CUDA out of memory" : null,
      input: { prompt: `A story about number ${n}` },
      output: "Once upon a time",
      metrics: { predict_time: seconds, cost_usd: 0.0001 * seconds },
      logs: "",
      source: "api",
      streams: null,
      begun: true,
      created_at: fromNow(-ago),
      claimed_at: fromNow(-ago + (n % 5)),
      started_at: fromNow(-ago + (n % 5)),
      completed_at: fromNow(-ago + (n % 5) + seconds),
      kept: false,
      data_removed: false,
      counted: true,
    })
  })
}
await addExample(actor, "deployer", "writer", ids[0]!)
for (let ago = 5400; ago > 0; ago -= 300) {
  const at = fromNow(-ago)
  const use = { owner_id: owner.id, model_id: writer.id, at, usd_per_second: "0.000025" }
  if (ago === 5400) await aUse(first, { ...use, seconds: 20, phase: "setup", usd: "0.0005" })
  await aUse(first, { ...use, seconds: 200, phase: "active", usd: "0.005" })
  await aUse(first, { ...use, seconds: 100, phase: "idle", usd: "0.0025" })
  if (ago <= 2400) await aUse(second, { ...use, seconds: 300, phase: "idle", usd: "0.0075" })
}
const rolling = await create("rolling", { min_instances: 1 })
await anInstance(rolling.release.pool, { ...booted, state: "busy" })
const rolled = await change(rolling, { version: next.id })
await anInstance(rolled.release.pool, { state: "setting_up", setup_log: "Downloading weights: 7 %\n" })

const canary = await create("canary", { min_instances: 2 })
await anInstance(canary.release.pool, { ...booted, state: "idle" })
const tried = await change(canary, { version: next.id, canary_percent: 10, canary_minutes: 600 })
await anInstance(tried.release.pool, { ...booted, state: "idle" })
await put(canary, { canary_since: fromNow(-300) })

const failed = await create("failed", { min_instances: 1 })
await anInstance(failed.release.pool, { ...booted, state: "idle" })
const broken = await change(failed, { version: next.id, max_instances: 5 })
const trace =
  'Traceback (most recent call last):\n  File "predict.py", line 12, in setup\nFileNotFoundError: weights.safetensors'
await anInstance(broken.release.pool, {
  state: "failed",
  created_at: fromNow(-300),
  stopped_at: fromNow(-200),
  setup_log: trace,
  detail: "Set-up failed.",
})
await write(async (tx) => {
  await tx
    .update(releases)
    .set({ failed: true })
    .where(and(eq(releases.deployment_id, failed.id), eq(releases.number, 2)))
})
await put(failed, { rollout: "failed", rollout_detail: `Set-up failed twice.\n${trace}` })

const stuck = await create("set-up-fails")
await write(async (tx) => {
  await tx
    .update(pools)
    .set({ failures: 5, paused_at: fromNow(-60), failure: trace })
    .where(eq(pools.key, stuck.release.pool))
})

await create("disabled")
await disableDeployment(actor, "deployer", "disabled")
const capped = await create("capped", { monthly_cap_usd: "12.50" })
await disableDeployment(actor, "deployer", "capped")
await put(capped, { paused_reason: "Its cost this month reached its limit of $12.50." })

const many = await create("many-releases")
await change(many, { max_instances: 5 })
await change(many, { version: next.id, min_instances: 1, buffer_instances: 1 })
await change(many, { hardware: "cpu" })

const long = "a-deployment-with-a-name-that-is-as-long-as-a-name-can-possibly-be-because-somebody-wanted-it-so"
const longModel = await aModel(actor, { name: `${long.slice(0, 90)}-model` })
const longVersion = await aVersion(actor, longModel, { openapi_schema: schemaOf({ prompt: text }) })
await create(long, {
  model: `deployer/${longModel.name}`,
  version: longVersion.id,
  follows: "a-tag-that-is-just-as-long-as-that",
})

const { organization, actor: founder } = await anOrganization("studio")
await create("shared", {}, founder, organization)
const viewer = await aMember(founder, organization, "viewer")
const newcomer = await addUser({ username: "newcomer" })

// On average half an instance, over seven days.
const idle = await create("traffic")
const instance = await anInstance(idle.release.pool, { state: "stopped", stopped_at: fromNow(-60) })
const busyModel = await aModel(actor, { name: "typical" })
await aVersion(actor, busyModel, { openapi_schema: schemaOf({ prompt: text }) })
await aUse(instance, { owner_id: owner.id, model_id: busyModel.id, at: fromNow(-3600), seconds: 7 * 24 * 1800 })

// No job checks this alert, and nobody is notified.
await write(async (tx) => {
  await tx.insert(deployment_alerts).values({
    deployment_id: idle.id,
    kind: "queue_length",
    release: 1,
    detail: "120 predictions are queued, more than 100.",
    raised_at: fromNow(-600),
  })
})

async function cookieOf(account: Account) {
  const session = await openSession(account, { address: null, user_agent: null })
  return encode({ token: { secret: session }, secret: authSecret(), maxAge: 3600 })
}
const of = (name: string, part = "") => `/deployments/deployer/${name}${part}`
console.log(
  JSON.stringify({
    mine: {
      cookie: await cookieOf(owner),
      pages: {
        "deployments, all states": "/deployments",
        "deployment without instances": of("idle"),
        "deployment that sets up": of("setting-up"),
        "deployment that serves": of("greeter", "?range=2h"),
        "deployment that serves, 30 days": of("greeter", "?range=30d"),
        "deployment that rolls out": of("rolling"),
        "deployment with a canary": of("canary"),
        "deployment whose rollout failed": of("failed"),
        "deployment whose set-up fails": of("set-up-fails"),
        "deployment that is disabled": of("disabled"),
        "deployment at its limit": of("capped"),
        "deployment with an alert": of("traffic"),
        "deployment with long names": of(long),
        "releases with a failed one": of("failed", "/releases"),
        "releases, compared": of("many-releases", "/releases?from=2&to=4"),
        "releases of long names": of(long, "/releases"),
        "settings of a deployment": of("greeter", "/settings"),
        "settings of a disabled deployment": of("disabled", "/settings"),
        "settings with long names": of(long, "/settings"),
        "new deployment": "/deployments/create",
        "new deployment, filled in":
          "/deployments/create?model=deployer/typical&name=next&hardware=cpu-small&min_instances=0&max_instances=2&queue_limit=100&hardware=none&owner=nobody",
        "model that can be deployed": "/deployer/writer",
      },
    },
    viewer: {
      cookie: await cookieOf(await getAccount(viewer.username)),
      pages: {
        "deployment for a viewer": "/deployments/studio/shared",
        "releases for a viewer": "/deployments/studio/shared/releases",
      },
    },
    newcomer: {
      cookie: await cookieOf(newcomer),
      pages: { "no deployments": "/deployments" },
      hidden: {
        "deployment of another account": of("greeter"),
        "settings of another account": of("greeter", "/settings"),
      },
    },
  }),
)
await closeDatabase()
