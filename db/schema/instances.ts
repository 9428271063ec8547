import { sql } from "drizzle-orm"

import { id, index, integer, json, moment, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** What shares instances and a queue: a version of a model, a deployment, or one training. */
export const pools = table("pools", {
  /** "version:<number>", "deployment:<id>:<release>" or "training:<id>". */
  key: text().primaryKey(),
  /** The account that pays for every second of its instances; null where the visibility of the model says who pays. */
  owner_id: integer().references(() => owners.id),
  /** The model, which may be deleted: what ran on it stays accounted for. */
  model_id: integer().notNull(),
  /** The version's id, 64 hexadecimal digits. */
  version: text().notNull(),
  hardware: text().notNull(),
  min_instances: integer().notNull(),
  max_instances: integer().notNull(),
  /** Seconds after which an idle instance is stopped; null for what the autoscaler finds best. */
  idle_seconds: integer(),
  /** Instances beyond those that are needed, while there is work. */
  buffer_instances: integer().notNull().default(0),
  /** Set-ups that failed one after the other. */
  failures: integer().notNull(),
  /** No boot before this moment, because of them. */
  retry_at: moment(),
  /** Too many failed: nothing boots until somebody asks for another try. */
  paused_at: moment(),
  /** What the last failed set-up said, for the owner. */
  failure: text(),
  /** Seconds of the last boots and runs, for the autoscaler. */
  boot_seconds: json().$type<number[]>().notNull(),
  run_seconds: json().$type<number[]>().notNull(),
  used_at: moment().notNull(),
  /** Instances to keep ready beyond the minimum, until a moment. */
  warm_instances: integer().notNull().default(0),
  warm_until: moment(),
  /** Minutes that a run may take; null for the setting of the instance. */
  run_limit_minutes: integer(),
  /** Minutes that the set-up of an instance may take; null for the setting of the server. */
  setup_limit_minutes: integer(),
  /** Nothing new comes in any more: instances end as soon as what waits is done. */
  retired_at: moment(),
  /** The pool of a new release that may take the place of one of its instances, because the machines are full. */
  yields_to: text(),
  /** When the version had been deleted, and with it everything that ran. */
  emptied_at: moment(),
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
    /** Of its machine, as images call it; null until it has reported. */
    architecture: text(),
    engines: json().$type<string[]>().notNull(),
    created_at: moment().notNull(),
    seen_at: moment(),
    revoked_at: moment(),
  },
  (t) => [uniqueIndex("runners_token").on(t.token_hash)],
)

/** Running containers and processes of pools, and those that were. */
export const instances = table(
  "instances",
  {
    /** 26 characters; also the label that the engine knows it by. */
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
    /** What of the network it was started with. */
    egress: text().$type<"none" | "internet">().notNull().default("none"),
    state: text().$type<"booting" | "setting_up" | "idle" | "busy" | "stopping" | "stopped" | "failed">().notNull(),
    /** Predictions it takes at once. */
    slots: integer().notNull(),
    reason: text(),
    detail: text(),
    setup_log: text().notNull(),
    cog_version: text(),
    /** Up to when its seconds are in the ledger, and what one has cost since. */
    metered_until: moment().notNull(),
    usd_per_second: text().notNull(),
    created_at: moment().notNull(),
    ready_at: moment(),
    idle_since: moment(),
    stopped_at: moment(),
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

/** Seconds of instances that somebody pays for. Rows are only ever added. */
export const usage = table(
  "usage",
  {
    id: id(),
    /** Who pays; null for what is free, such as the set-up of a public model. */
    owner_id: integer().references(() => owners.id),
    token_id: integer(),
    /** Its row is removed some time after its end; the ledger stays. */
    instance_id: text().notNull(),
    pool: text().notNull(),
    model_id: integer().notNull(),
    prediction: integer().references(() => predictions.number, { onDelete: "set null" }),
    hardware: text().notNull(),
    phase: text().$type<"setup" | "active" | "idle">().notNull(),
    started_at: moment().notNull(),
    ended_at: moment().notNull(),
    /**
     * Between the two, exactly; what several predictions ran in at once is divided among them. None where an earlier
     * row is put right.
     */
    microseconds: integer().notNull(),
    /** What was valid then, as an exact decimal. */
    usd_per_second: text().notNull(),
    usd: text().notNull(),
  },
  (t) => [
    index("usage_owner").on(t.owner_id, t.started_at, t.id),
    index("usage_instance").on(t.instance_id, t.started_at),
    index("usage_prediction").on(t.prediction),
  ],
)
