import { z } from "zod"

import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { AccountBody, presentAccount } from "@/lib/owners/present"
import { decimal, moment } from "@/lib/shapes"
import type { Deployment, Release } from "./row"
import { Schedule } from "./schema"

const ReleaseBody = z.object({
  number: z.int(),
  model: z.string().describe("owner/name"),
  version: z.string(),
  created_at: moment,
  created_by: AccountBody,
  configuration: z.object({
    hardware: z.string(),
    min_instances: z.int(),
    max_instances: z.int(),
  }),
  rollback_of: z.int().optional().describe("The release that it restored"),
  failed: z.literal(true).optional().describe("It failed before it served"),
})
export type ReleaseBody = z.infer<typeof ReleaseBody>

/** The deployment object of the API. Fields after `current_release` are extensions. */
export const DeploymentBody = z
  .object({
    owner: z.string(),
    name: z.string(),
    current_release: ReleaseBody,
    serving_release: z.int().describe("The number of the release that serves predictions"),
    rollout: z
      .object({
        state: z.enum(["done", "rolling", "canary", "failed"]),
        detail: z.string().optional().describe("What it waits for, or why it failed"),
        canary_percent: z.int().optional(),
      })
      .describe("The rollout state of the current release"),
    enabled: z.boolean(),
    disabled_reason: z.string().optional(),
    idle_seconds: z.int().nullable(),
    buffer_instances: z.int().describe("Spare instances while there is work"),
    follows: z.string().nullable().describe("The tag it follows"),
    queue_limit: z.int().nullable(),
    run_limit_minutes: z.int().nullable(),
    setup_limit_minutes: z.int().nullable(),
    monthly_cap_usd: decimal.nullable(),
    schedule: z.array(Schedule),
    alert_webhook: z
      .string()
      .nullable()
      .describe("Where alerts go; null also for those who cannot change the deployment"),
    alert_error_percent: z.int().nullable(),
    alert_queue_length: z.int().nullable(),
  })
  .meta({ id: "Deployment" })
export type DeploymentBody = z.infer<typeof DeploymentBody>

const PercentilesBody = z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable()
const times = {
  latency: PercentilesBody.describe("From the request to the end"),
  queue: PercentilesBody.describe("Queued, without waiting for a boot"),
  boot: PercentilesBody.describe("Waiting for an instance to boot"),
  run: PercentilesBody.describe("Running"),
}

/** The metrics of a deployment; times in seconds, and null where nothing was measured. */
export const MetricsBody = z
  .object({
    range: z.string(),
    steps: z.array(
      z.object({
        at: z.string().describe("Its start"),
        requests: z.int(),
        failed: z.int(),
        ...times,
        queue_depth: z.int().describe("The most predictions queued at the same time"),
        instances: z.int().describe("The most instances at the same time"),
        states: z
          .object({ busy: z.number(), idle: z.number(), setting_up: z.number() })
          .describe("Instances in each state, on average"),
        cold_starts: z.int(),
        usd: decimal,
      }),
    ),
    requests: z.int(),
    failed: z.int(),
    cold_starts: z.int(),
    queue_depth: z.int(),
    usd: decimal,
    ...times,
    complete_since: z
      .string()
      .nullable()
      .describe(
        "Since when percentiles, queue depth and instances at once are complete, if there were too many; the rest always is",
      ),
  })
  .meta({ id: "DeploymentMetrics" })

type Maker = Parameters<typeof presentAccount>[0]

export const ReleasesBody = z.object({ results: z.array(ReleaseBody) })

export const presentRelease = (release: Release, by: Maker): ReleaseBody => ({
  number: release.number,
  model: release.model,
  version: release.version,
  created_at: release.created_at,
  created_by: presentAccount(by),
  configuration: {
    hardware: release.hardware,
    min_instances: release.min_instances,
    max_instances: release.max_instances,
  },
  ...(release.rollback_of !== null && { rollback_of: release.rollback_of }),
  ...(release.failed && { failed: true as const }),
})

export const presentDeployment = (actor: Actor | null, deployment: Deployment, by: Maker): DeploymentBody => ({
  owner: deployment.owner,
  name: deployment.name,
  current_release: presentRelease(deployment.release, by),
  serving_release: deployment.serving,
  rollout: {
    state: deployment.rollout,
    ...(deployment.rollout_detail !== null && { detail: deployment.rollout_detail }),
    ...(deployment.canary_percent !== null && { canary_percent: deployment.canary_percent }),
  },
  enabled: deployment.paused_at === null,
  ...(deployment.paused_reason !== null && { disabled_reason: deployment.paused_reason }),
  idle_seconds: deployment.release.idle_seconds,
  buffer_instances: deployment.release.buffer_instances,
  follows: deployment.follows,
  queue_limit: deployment.queue_limit,
  run_limit_minutes: deployment.run_limit_minutes,
  setup_limit_minutes: deployment.setup_limit_minutes,
  monthly_cap_usd: deployment.monthly_cap_usd,
  schedule: deployment.schedule,
  // The URL of a chat webhook, for instance, is a secret.
  alert_webhook: may(actor, "deploy", deployment.owner_id) ? deployment.alert_webhook : null,
  alert_error_percent: deployment.alert_error_percent,
  alert_queue_length: deployment.alert_queue_length,
})
