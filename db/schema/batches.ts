import { document, id, index, integer, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"
import { tokens } from "./tokens"

/** Many inputs for one version, run a few at a time. */
export const batches = table(
  "batches",
  {
    number: id(),
    /** Its public ID: 26 characters of Crockford's base32. */
    id: text().notNull(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    created_by: integer()
      .notNull()
      .references(() => owners.id),
    /** The token that created it; once it is revoked, the batch stops. */
    token_id: integer().references(() => tokens.id),
    model_id: integer().notNull(),
    version: text().notNull(),
    /** A trial runs inputs of other versions. */
    kind: text().$type<"inputs" | "trial">().notNull(),
    total: integer().notNull(),
    /** The place of the next input to run. */
    next: integer().notNull(),
    /** The cost limit in US dollars: no run begins that might exceed it; null without a limit. */
    usd_limit: text(),
    origin: text().notNull(),
    created_at: timestamp().notNull(),
    /** When it stopped beginning runs, and why. */
    stopped_at: timestamp(),
    stop_reason: text().$type<"done" | "limit" | "canceled" | "refused">(),
  },
  (t) => [uniqueIndex("batches_id").on(t.id), index("batches_owner").on(t.owner_id, t.created_at, t.number)],
)

/** An input of a batch and its outcome. */
export const batchRuns = table(
  "batch_runs",
  {
    batch: integer()
      .notNull()
      .references(() => batches.number, { onDelete: "cascade" }),
    place: integer().notNull(),
    input: document().$type<Record<string, unknown>>(),
    prediction: integer().references(() => predictions.number, { onDelete: "set null" }),
    /** For trials: the prediction whose input it is. */
    base: integer().references(() => predictions.number, { onDelete: "set null" }),
    /** Why it was refused. */
    refusal: text(),
  },
  (t) => [primaryKey({ columns: [t.batch, t.place] }), index("batch_runs_prediction").on(t.prediction)],
)
