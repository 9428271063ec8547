import { sql } from "drizzle-orm"

import { flag, id, index, integer, json, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** The signing secrets of webhooks, created on first use. */
export const webhook_secrets = table("webhook_secrets", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  key: text().notNull(),
  created_at: timestamp().notNull(),
  /** The secret before the last rotation, valid for another day. */
  previous_key: text(),
  rotated_at: timestamp(),
})

/** Webhook deliveries: pending and attempted ones, written in the transaction that changed the prediction. */
export const deliveries = table(
  "deliveries",
  {
    /** "msg_" and 26 characters: the webhook-id header, the same in every attempt. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** Null for a test and for an alert. */
    prediction: integer().references(() => predictions.number, { onDelete: "cascade" }),
    event: text().$type<"start" | "output" | "logs" | "completed" | "test" | "alert">().notNull(),
    url: text().notNull(),
    /** The receiver's host: a slow one must not delay others. */
    host: text().notNull(),
    /** The payload; null once the data of the prediction is removed. */
    body: text(),
    attempts: integer().notNull(),
    /** Null once it is delivered or has failed. */
    next_attempt_at: timestamp(),
    /** Until when a process that is sending it has the lease. */
    leased_until: timestamp(),
    /** The status of the last response. */
    status: integer(),
    error: text(),
    created_at: timestamp().notNull(),
    attempted_at: timestamp(),
    delivered_at: timestamp(),
  },
  (t) => [
    index("deliveries_due")
      .on(t.next_attempt_at)
      .where(sql`next_attempt_at is not null`),
    index("deliveries_owner").on(t.owner_id, t.created_at, t.id),
    index("deliveries_prediction").on(t.prediction),
    index("deliveries_age").on(t.created_at),
  ],
)

/** Sinks: temporary URLs of this server that show the webhooks sent to them, one for each account. */
export const webhook_sinks = table(
  "webhook_sinks",
  {
    owner_id: integer()
      .primaryKey()
      .references(() => owners.id),
    /** The unguessable part of its URL. */
    secret: text().notNull(),
    created_at: timestamp().notNull(),
    expires_at: timestamp().notNull(),
  },
  (t) => [uniqueIndex("webhook_sinks_secret").on(t.secret)],
)

/** The requests to a sink. */
export const sink_requests = table(
  "sink_requests",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => webhook_sinks.owner_id, { onDelete: "cascade" }),
    received_at: timestamp().notNull(),
    headers: json().$type<Record<string, string>>().notNull(),
    body: text().notNull(),
    /** Whether its signature is valid for the account. */
    signed: flag().notNull(),
  },
  (t) => [index("sink_requests_owner").on(t.owner_id, t.id)],
)
