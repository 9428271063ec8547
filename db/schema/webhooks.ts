import { sql } from "drizzle-orm"

import { flag, id, index, integer, json, moment, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** What webhooks to an account are signed with: made once, when it is first asked for. */
export const webhook_secrets = table("webhook_secrets", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  key: text().notNull(),
  created_at: moment().notNull(),
  /** The secret before the last rotation, which counts for another day. */
  previous_key: text(),
  rotated_at: moment(),
})

/** Webhooks that are owed or were sent: a row each, written in the transaction that changed the prediction. */
export const deliveries = table(
  "deliveries",
  {
    /** "msg_" and 26 characters: the webhook-id header, the same across tries. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** Null for a test and for an alert. */
    prediction: integer().references(() => predictions.number, { onDelete: "cascade" }),
    event: text().$type<"start" | "output" | "logs" | "completed" | "test" | "alert">().notNull(),
    url: text().notNull(),
    /** Who receives it: a slow one keeps nobody else waiting. */
    host: text().notNull(),
    /** What is sent; null once the data of the prediction is removed. */
    body: text(),
    attempts: integer().notNull(),
    /** Null once it is over. */
    next_attempt_at: moment(),
    /** It is being sent, by whoever took it, and for as long. */
    leased_until: moment(),
    /** The receiver's last answer. */
    status: integer(),
    error: text(),
    created_at: moment().notNull(),
    attempted_at: moment(),
    delivered_at: moment(),
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

/** Temporary addresses of this server at which an account sees what webhooks bring: one for each account. */
export const webhook_sinks = table(
  "webhook_sinks",
  {
    owner_id: integer()
      .primaryKey()
      .references(() => owners.id),
    /** The part of its address that nobody can guess. */
    secret: text().notNull(),
    created_at: moment().notNull(),
    expires_at: moment().notNull(),
  },
  (t) => [uniqueIndex("webhook_sinks_secret").on(t.secret)],
)

/** What arrived at a sink. */
export const sink_requests = table(
  "sink_requests",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => webhook_sinks.owner_id, { onDelete: "cascade" }),
    received_at: moment().notNull(),
    headers: json().$type<Record<string, string>>().notNull(),
    body: text().notNull(),
    /** Whether its signature is the account's. */
    signed: flag().notNull(),
  },
  (t) => [index("sink_requests_owner").on(t.owner_id, t.id)],
)
