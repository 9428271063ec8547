import { moment, table, text } from "@/db/kit"

/** What administrators set over the environment; a name that is not here is as the environment says. */
export const settings = table("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
  changed_at: moment().notNull(),
})
