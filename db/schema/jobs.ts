import { integer, timestamp, table, text } from "@/db/kit"

/** Jobs: recurring work of one server at a time, when it is due, and who runs it. */
export const jobs = table("jobs", {
  name: text().primaryKey(),
  due_at: timestamp().notNull(),
  /** The server that runs it, as long as it renews its claim; null if none does. */
  claim: text(),
  claimed_until: timestamp(),
  /** Consecutive failures. */
  failures: integer().notNull(),
})
