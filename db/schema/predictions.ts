import { sql } from "drizzle-orm"

import { document, flag, id, index, integer, json, moment, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"
import { tokens } from "./tokens"

/**
 * Runs of a version on an input: predictions, and trainings, which are those whose operation is `train`. The table is
 * the queue too: a row with status `starting` and no instance waits in its pool.
 */
export const predictions = table(
  "predictions",
  {
    number: id(),
    /** What clients call it: 26 characters of Crockford's alphabet. */
    id: text().notNull(),
    /** The account it belongs to. */
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** The person who made it; the account itself unless it is an organization. */
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    token_id: integer().references(() => tokens.id),
    /** Its model. What is left of one that was deleted is removed a little later. */
    model_id: integer().notNull(),
    /** The version's id, 64 hexadecimal digits. */
    version: text().notNull(),
    operation: text().$type<"predict" | "train">().notNull(),
    deployment_id: integer(),
    /** Its name, `owner/name`, which never changes. */
    deployment: text(),
    /** The model that a training makes a version of; null once that was deleted. */
    destination_id: integer().references(() => models.id, { onDelete: "set null" }),
    /** Its name when the training was created, as `owner/name`. */
    destination: text(),
    /** What a training may cost, in US dollars, as an exact decimal. It is cancelled when it has. */
    cost_limit_usd: text(),
    /** The pool whose instances run it (lib/pools/). */
    pool: text().notNull(),
    status: text().$type<"starting" | "processing" | "succeeded" | "failed" | "canceled" | "aborted">().notNull(),
    /** Secrets in it are sealed. Null once the data is removed. */
    input: document().$type<Record<string, unknown>>(),
    /** The names of the inputs that are secrets, where there are any. */
    secrets: json().$type<string[]>(),
    output: document().$type<unknown>(),
    error: text(),
    /** The tail, where a model wrote more than is kept. */
    logs: text().notNull(),
    metrics: json().$type<Record<string, unknown>>(),
    source: text().$type<"api" | "web">().notNull(),
    webhook: text(),
    /** The address at which the instance was asked for it, which what is sent to the webhook goes by. */
    site: text(),
    webhook_events_filter: json().$type<("start" | "output" | "logs" | "completed")[]>(),
    /** What its output is that can be watched as it grows; null where it comes at once. */
    streams: text().$type<"text" | "files">(),
    /** The instance that runs it, or ran it last. */
    instance_id: text(),
    claimed_at: moment(),
    /** Whether the model may have begun it on that instance: it is never begun twice. */
    begun: flag().notNull(),
    /** When its account or a deadline ended it; the instance is stopped when it does not comply. */
    cancel_requested_at: moment(),
    deadline: moment(),
    created_at: moment().notNull(),
    started_at: moment(),
    completed_at: moment(),
    /** When its data is removed; null while it runs and for what is kept. */
    expires_at: moment(),
    kept: flag().notNull(),
    data_removed: flag().notNull(),
    /** Whether the model's run_count knows of it. */
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
    added_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.prediction] })],
)

/** Predictions that their account shows to everybody who has a link. A link that is revoked is no more. */
export const shares = table(
  "shares",
  {
    prediction: integer()
      .primaryKey()
      .references(() => predictions.number, { onDelete: "cascade" }),
    /** The part of the link that nobody can guess. */
    secret: text().notNull(),
    hides_input: flag().notNull(),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: moment().notNull(),
    /** Null for a link that works until it is revoked. */
    expires_at: moment(),
  },
  (t) => [uniqueIndex("shares_secret").on(t.secret)],
)
