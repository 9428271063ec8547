import { timestamp, table, text } from "@/db/kit"

/** Settings that administrators have changed; they override the environment. */
export const settings = table("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
  changed_at: timestamp().notNull(),
})
