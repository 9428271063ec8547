import { deliveries, webhook_secrets } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteDeliveriesOf, endDeliveriesOf } from "./delivery-store"
import { deleteKey } from "./store"

export const webhooksLifecycle: AccountLifecycle = {
  tables: [webhook_secrets, deliveries],
  /** The secret is the same when it is enabled again. */
  disable: (tx, id) => endDeliveriesOf(tx, id, "The account was disabled."),
  async close(tx, id) {
    await deleteDeliveriesOf(tx, id)
    await deleteKey(tx, id)
  },
  export: { kept: "What was sent went to the account's own addresses." },
}
