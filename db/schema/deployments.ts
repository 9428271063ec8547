import { flag, id, index, integer, json, moment, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"

/** Fixed addresses that run a version on instances of their own. */
export const deployments = table(
  "deployments",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    name: text().notNull(),
    /** The release made last, and the one that runs what comes in: the same, once the former is rolled out. */
    current: integer().notNull(),
    serving: integer().notNull(),
    rollout: text().$type<"done" | "rolling" | "canary" | "failed">().notNull(),
    /** Why the last release does not serve, or not yet. */
    rollout_detail: text(),
    /**
     * Since when instances of the last release are booted for it to take over; null once it does, and for those that
     * begun before this was recorded.
     */
    rollout_since: moment(),
    /**
     * How many of a hundred predictions the current release gets while it is tried, for how many minutes, and since
     * when.
     */
    canary_percent: integer(),
    canary_minutes: integer(),
    canary_since: moment(),
    /** The tag of the model whose version it runs, whichever that is; null for a version chosen by hand. */
    follows: text(),
    /** Predictions that may wait; null for as many as the account may have. */
    queue_limit: integer(),
    run_limit_minutes: integer(),
    /** Minutes that the set-up of an instance may take; null for the setting of the server. */
    setup_limit_minutes: integer(),
    /** What it may cost in a calendar month (UTC) before it is disabled, as an exact decimal. */
    monthly_cap_usd: text(),
    /** When instances are kept ready. */
    schedule: json().$type<DeploymentSchedule[]>().notNull(),
    /** Where alerts are sent; null for none. */
    alert_webhook: text(),
    /** The share of failed predictions that raises an alert, in percent. */
    alert_error_percent: integer(),
    /** The number of queued predictions above which an alert is raised. */
    alert_queue_length: integer(),
    paused_at: moment(),
    paused_reason: text(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
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

/** Alerts that are raised now: a row from the moment an alert is sent until its cause is over. */
export const deployment_alerts = table(
  "deployment_alerts",
  {
    deployment_id: integer()
      .notNull()
      .references(() => deployments.id, { onDelete: "cascade" }),
    kind: text().$type<"set_up_failed" | "error_rate" | "queue_length" | "cap_reached">().notNull(),
    /** The release that it is about. */
    release: integer().notNull(),
    detail: text().notNull(),
    raised_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.deployment_id, t.kind] })],
)

/** What a deployment ran, change by change. Rows are only ever added. */
export const releases = table(
  "releases",
  {
    deployment_id: integer()
      .notNull()
      .references(() => deployments.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    /** The model, which may be deleted once nothing is deployed of it. */
    model_id: integer().notNull(),
    /** Its name at the time. */
    model: text().notNull(),
    version: text().notNull(),
    hardware: text().notNull(),
    min_instances: integer().notNull(),
    max_instances: integer().notNull(),
    /** Seconds after which an idle instance is stopped; null for what the autoscaler finds best. */
    idle_seconds: integer(),
    /** Instances beyond those that are needed, while there is work. */
    buffer_instances: integer().notNull().default(0),
    /** The pool that it runs in: that of the release before it, where only numbers changed. */
    pool: text().notNull(),
    /** Which release it brought back. */
    rollback_of: integer(),
    failed: flag().notNull(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.deployment_id, t.number] }), index("releases_version").on(t.model_id, t.version)],
)
