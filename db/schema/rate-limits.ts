import { integer, timestamp, table, text } from "@/db/kit"

/** Requests counted against each rate limit in the current window. */
export const rate_limits = table("rate_limits", {
  key: text().primaryKey(),
  count: integer().notNull(),
  resets_at: timestamp().notNull(),
})
