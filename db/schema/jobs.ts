import { integer, moment, table, text } from "@/db/kit"

/** Work that is done every so often by one server of the instance at a time: when it is due, and who is doing it. */
export const jobs = table("jobs", {
  name: text().primaryKey(),
  due_at: moment().notNull(),
  /** The server that runs it, for as long as it renews its claim; null while nobody does. */
  claim: text(),
  claimed_until: moment(),
  /** How often it has failed in a row. */
  failures: integer().notNull(),
})
