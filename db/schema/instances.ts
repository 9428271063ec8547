import { sql } from "drizzle-orm"

import { id, index, integer, json, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** Instances and a queue: of a version, a deployment, or one training. */
export const pools = table("pools", {
  /** "version:<number>", "deployment:<id>:<release>" or "training:<id>". */
  key: text().primaryKey(),
  /** The account that pays for all time of its instances; null if that depends on the model's visibility. */
  owner_id: integer().references(() => owners.id),
  /** The model, which may be deleted; its usage stays recorded. */
  model_id: integer().notNull(),
  /** The version's ID, 64 hexadecimal digits. */
  version: text().notNull(),
  hardware: text().notNull(),
  min_instances: integer().notNull(),
  max_instances: integer().notNull(),
  /** Seconds after which an idle instance is stopped; null lets the autoscaler decide. */
  idle_seconds: integer(),
  /** Extra instances to run while there is work. */
  buffer_instances: integer().notNull().default(0),
  /** Consecutive failed set-ups. */
  failures: integer().notNull(),
  /** When the next boot may be tried after a failure. */
  retry_at: timestamp(),
  /** Set after too many failures: nothing boots until the owner retries. */
  paused_at: timestamp(),
  /** The log of the last failed set-up, for the owner. */
  failure: text(),
  /** Seconds of the last boots and runs, for the autoscaler. */
  boot_seconds: json().$type<number[]>().notNull(),
  run_seconds: json().$type<number[]>().notNull(),
  used_at: timestamp().notNull(),
  /** Instances to keep ready until a time, even if the minimum is lower. */
  warm_instances: integer().notNull().default(0),
  warm_until: timestamp(),
  /** The time limit of a run in minutes; null for RUN_LIMIT_MINUTES. */
  run_limit_minutes: integer(),
  /** The time limit of set-up in minutes; null for SETUP_LIMIT_MINUTES. */
  setup_limit_minutes: integer(),
  /** Set when it takes no new predictions: instances stop once the queue is empty. */
  retired_at: timestamp(),
  /** The pool of a new release that may replace one of its instances, because the machines are full. */
  yields_to: text(),
  /** When its version was deleted and everything on it had ended. */
  emptied_at: timestamp(),
})

/**
 * Machines that start instances. So far every row is a server's own runner: `token_hash` and `revoked_at` are for
 * runners that connect over HTTP, which do not exist yet.
 */
export const runners = table(
  "runners",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** SHA-256 of its token, in hex; null for the server's own. */
    token_hash: text(),
    capacity: json().$type<{ sku: string; total: number; free: number }[]>().notNull(),
    /** The architecture of its machine, as images name it; null until it has reported. */
    architecture: text(),
    engines: json().$type<string[]>().notNull(),
    created_at: timestamp().notNull(),
    seen_at: timestamp(),
    revoked_at: timestamp(),
  },
  (t) => [uniqueIndex("runners_token").on(t.token_hash)],
)

/** Containers and processes of pools, running and ended. */
export const instances = table(
  "instances",
  {
    /** 26 characters; also the label by which the engine identifies it. */
    id: text().primaryKey(),
    pool: text()
      .notNull()
      .references(() => pools.key),
    /** Its number within the pool: two hubs cannot both start "number 2". */
    ordinal: integer().notNull(),
    runner: text()
      .notNull()
      .references(() => runners.id),
    engine: text().$type<"process" | "docker" | "kubernetes">().notNull(),
    hardware: text().notNull(),
    /** The network access it was started with. */
    egress: text().$type<"none" | "internet">().notNull().default("none"),
    state: text().$type<"booting" | "setting_up" | "idle" | "busy" | "stopping" | "stopped" | "failed">().notNull(),
    /** The maximum number of concurrent predictions. */
    slots: integer().notNull(),
    reason: text(),
    detail: text(),
    setup_log: text().notNull(),
    cog_version: text(),
    /** The time up to which the ledger has its seconds, and the price of a second since then. */
    metered_until: timestamp().notNull(),
    usd_per_second: text().notNull(),
    created_at: timestamp().notNull(),
    ready_at: timestamp(),
    idle_since: timestamp(),
    stopped_at: timestamp(),
  },
  (t) => [
    uniqueIndex("instances_ordinal")
      .on(t.pool, t.ordinal)
      .where(sql`stopped_at is null`),
    index("instances_live")
      .on(t.runner, t.id)
      .where(sql`stopped_at is null`),
    index("instances_pool").on(t.pool, t.created_at),
    index("instances_stopped")
      .on(t.stopped_at)
      .where(sql`stopped_at is not null`),
  ],
)

/** The ledger: the seconds of instances, and who pays for them. Rows are only added. */
export const usage = table(
  "usage",
  {
    id: id(),
    /** The account that pays; null if nobody does, such as for the set-up of a public model. */
    owner_id: integer().references(() => owners.id),
    token_id: integer(),
    /** The row of the instance is deleted some time after its end; the ledger stays. */
    instance_id: text().notNull(),
    pool: text().notNull(),
    model_id: integer().notNull(),
    prediction: integer().references(() => predictions.number, { onDelete: "set null" }),
    hardware: text().notNull(),
    phase: text().$type<"setup" | "active" | "idle">().notNull(),
    started_at: timestamp().notNull(),
    ended_at: timestamp().notNull(),
    /** The exact time between the two, divided among concurrent predictions; 0 for a correction of an earlier row. */
    microseconds: integer().notNull(),
    /** The price at the time, as an exact decimal. */
    usd_per_second: text().notNull(),
    usd: text().notNull(),
  },
  (t) => [
    index("usage_owner").on(t.owner_id, t.started_at, t.id),
    index("usage_instance").on(t.instance_id, t.started_at),
    index("usage_prediction").on(t.prediction),
  ],
)
