import { integer, moment, table, text } from "@/db/kit"
import { owners } from "./owners"

/** What webhooks to an account are signed with: made once, when it is first asked for. */
export const webhook_secrets = table("webhook_secrets", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  key: text().notNull(),
  created_at: moment().notNull(),
})
