import { integer, moment, table, text } from "@/db/kit"

/** How often something guessable was tried within the running window. */
export const attempts = table("attempts", {
  key: text().primaryKey(),
  count: integer().notNull(),
  resets_at: moment().notNull(),
})
