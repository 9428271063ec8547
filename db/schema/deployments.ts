import { flag, id, index, integer, json, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"

/** Fixed endpoints that run a version on their own instances. */
export const deployments = table(
  "deployments",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    name: text().notNull(),
    /** The latest release, and the one that gets the predictions; equal once the rollout is done. */
    current: integer().notNull(),
    serving: integer().notNull(),
    rollout: text().$type<"done" | "rolling" | "canary" | "failed">().notNull(),
    /** Why the latest release does not serve, or not yet. */
    rollout_detail: text(),
    /**
     * When the rollout began to boot instances; null if none is in progress, and for rollouts older than this column.
     */
    rollout_since: timestamp(),
    /** The canary: the percentage of predictions for the current release, its duration, and its start. */
    canary_percent: integer(),
    canary_minutes: integer(),
    canary_since: timestamp(),
    /** The tag whose version it runs; null for a fixed version. */
    follows: text(),
    /** The maximum number of queued predictions; null for the limit of the account. */
    queue_limit: integer(),
    run_limit_minutes: integer(),
    /** The time limit of set-up in minutes; null for SETUP_LIMIT_MINUTES. */
    setup_limit_minutes: integer(),
    /** The maximum cost in a calendar month (UTC), as an exact decimal; then it is disabled. */
    monthly_cap_usd: text(),
    /** When to keep instances ready. */
    schedule: json().$type<DeploymentSchedule[]>().notNull(),
    /** The URL for alerts; null for none. */
    alert_webhook: text(),
    /** The share of failed predictions that raises an alert, in percent. */
    alert_error_percent: integer(),
    /** The number of queued predictions above which an alert is raised. */
    alert_queue_length: integer(),
    paused_at: timestamp(),
    paused_reason: text(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    updated_at: timestamp().notNull(),
  },
  (t) => [
    uniqueIndex("deployments_name").on(t.owner_id, t.name),
    index("deployments_owner").on(t.owner_id, t.created_at, t.id),
  ],
)

/** Minutes since midnight in a time zone, on days of the week (0 is Sunday). */
export type DeploymentSchedule = {
  days: number[]
  from: number
  to: number
  time_zone: string
  min_instances: number
}

/** Active alerts: a row exists from the moment an alert is sent until its cause is over. */
export const deployment_alerts = table(
  "deployment_alerts",
  {
    deployment_id: integer()
      .notNull()
      .references(() => deployments.id, { onDelete: "cascade" }),
    kind: text().$type<"set_up_failed" | "error_rate" | "queue_length" | "cap_reached">().notNull(),
    /** The affected release. */
    release: integer().notNull(),
    detail: text().notNull(),
    raised_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.deployment_id, t.kind] })],
)

/** The history of a deployment. Rows are only added. */
export const releases = table(
  "releases",
  {
    deployment_id: integer()
      .notNull()
      .references(() => deployments.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    /** The model, which may be deleted once no deployment runs it. */
    model_id: integer().notNull(),
    /** Its name at the time. */
    model: text().notNull(),
    version: text().notNull(),
    hardware: text().notNull(),
    min_instances: integer().notNull(),
    max_instances: integer().notNull(),
    /** Seconds after which an idle instance is stopped; null lets the autoscaler decide. */
    idle_seconds: integer(),
    /** Extra instances to run while there is work. */
    buffer_instances: integer().notNull().default(0),
    /** Its pool: that of the previous release if only numbers changed. */
    pool: text().notNull(),
    /** The release that it restored, for a rollback. */
    rollback_of: integer(),
    failed: flag().notNull(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.deployment_id, t.number] }), index("releases_version").on(t.model_id, t.version)],
)
