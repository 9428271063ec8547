import { sql } from "drizzle-orm"

import { document, flag, id, index, integer, json, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"
import { tokens } from "./tokens"

/**
 * Predictions and trainings, whose operation is `train`. The table is also the queue: a row with status `starting` and
 * no instance waits in its pool.
 */
export const predictions = table(
  "predictions",
  {
    number: id(),
    /** Its public ID: 26 characters of Crockford's base32. */
    id: text().notNull(),
    /** The account it belongs to. */
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** The person who created it; the account itself unless that is an organization. */
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    token_id: integer().references(() => tokens.id),
    /** Its model. Predictions of a deleted model are removed a little later. */
    model_id: integer().notNull(),
    /** The version's ID, 64 hexadecimal digits. */
    version: text().notNull(),
    operation: text().$type<"predict" | "train">().notNull(),
    deployment_id: integer(),
    /** The deployment's name, `owner/name`, which never changes. */
    deployment: text(),
    /** The destination of a training; null once it is deleted. */
    destination_id: integer().references(() => models.id, { onDelete: "set null" }),
    /** The destination's name when the training was created, as `owner/name`. */
    destination: text(),
    /**
     * The cost limit of a training in US dollars, as an exact decimal. The training is cancelled when it is reached.
     */
    cost_limit_usd: text(),
    /** The pool whose instances run it (lib/pools/). */
    pool: text().notNull(),
    status: text().$type<"starting" | "processing" | "succeeded" | "failed" | "canceled" | "aborted">().notNull(),
    /** Secrets in it are sealed. Null once the data is removed. */
    input: document().$type<Record<string, unknown>>(),
    /** The names of secret inputs, if any. */
    secrets: json().$type<string[]>(),
    output: document().$type<unknown>(),
    error: text(),
    /** Only the end if the logs are too long. */
    logs: text().notNull(),
    metrics: json().$type<Record<string, unknown>>(),
    source: text().$type<"api" | "web">().notNull(),
    webhook: text(),
    /** The origin of the request that created it, for URLs in webhook payloads. */
    origin: text(),
    webhook_events_filter: json().$type<("start" | "output" | "logs" | "completed")[]>(),
    /** The kind of output that is streamed; null if it is not. */
    streams: text().$type<"text" | "files">(),
    /** The instance that runs it, or ran it last. */
    instance_id: text(),
    claimed_at: timestamp(),
    /** Whether the model may have started it on that instance: it is never started twice. */
    begun: flag().notNull(),
    /** When it was cancelled by a request or a deadline; the instance is stopped if the model does not comply. */
    cancel_requested_at: timestamp(),
    deadline: timestamp(),
    /**
     * Until then, a server stores the version of this training, which has succeeded. It renews the time while it does;
     * nobody else ends the training before.
     */
    storing_until: timestamp(),
    created_at: timestamp().notNull(),
    started_at: timestamp(),
    completed_at: timestamp(),
    /** When its data is removed; null while it runs, and for data that is kept. */
    expires_at: timestamp(),
    kept: flag().notNull(),
    data_removed: flag().notNull(),
    /** Whether the model's run_count includes it. */
    counted: flag().notNull(),
  },
  (t) => [
    uniqueIndex("predictions_id").on(t.id),
    // By account, because accounts take turns.
    index("predictions_queue")
      .on(t.pool, t.owner_id, t.created_at, t.number)
      .where(sql`status = 'starting' and instance_id is null`),
    index("predictions_running")
      .on(t.instance_id)
      .where(sql`completed_at is null and instance_id is not null`),
    index("predictions_unfinished")
      .on(t.owner_id, t.token_id)
      .where(sql`completed_at is null`),
    index("predictions_deadline")
      .on(t.deadline)
      .where(sql`completed_at is null and deadline is not null`),
    index("predictions_expiry")
      .on(t.expires_at)
      .where(sql`expires_at is not null and not data_removed`),
    index("predictions_uncounted")
      .on(t.number)
      .where(sql`not counted`),
    index("predictions_destination")
      .on(t.destination_id)
      .where(sql`destination_id is not null`),
    index("predictions_owner").on(t.owner_id, t.operation, t.created_at, t.number),
    index("predictions_owner_status").on(t.owner_id, t.operation, t.status, t.created_at, t.number),
    index("predictions_deployment")
      .on(t.deployment_id, t.created_at, t.number)
      .where(sql`deployment_id is not null`),
    index("predictions_deployment_failed")
      .on(t.deployment_id, t.created_at)
      .where(sql`deployment_id is not null and status = 'failed'`),
    index("predictions_model").on(t.model_id, t.version, t.created_at, t.number),
  ],
)

/** Predictions that the owner of a model shows as examples. */
export const examples = table(
  "examples",
  {
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    prediction: integer()
      .notNull()
      .references(() => predictions.number, { onDelete: "cascade" }),
    position: integer().notNull(),
    is_default: flag().notNull(),
    added_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.prediction] })],
)

/** Links that show a prediction to anybody who has them. Revoking a link deletes its row. */
export const shares = table(
  "shares",
  {
    prediction: integer()
      .primaryKey()
      .references(() => predictions.number, { onDelete: "cascade" }),
    /** The unguessable part of the link. */
    secret: text().notNull(),
    hides_input: flag().notNull(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    /** Null for a link that works until it is revoked. */
    expires_at: timestamp(),
  },
  (t) => [uniqueIndex("shares_secret").on(t.secret)],
)
