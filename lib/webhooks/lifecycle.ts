import { deliveries, sink_requests, webhook_secrets, webhook_sinks } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteDeliveriesOf, endDeliveriesOf } from "./delivery-store"
import { deleteSinkOf } from "./sink-store"
import { deleteKey } from "./store"

export const webhooksLifecycle: AccountLifecycle = {
  tables: [webhook_secrets, deliveries, webhook_sinks, sink_requests],
  /** Re-enabling the account keeps its secret. */
  async disable(tx, id) {
    await endDeliveriesOf(tx, id, "The account was disabled.")
    await deleteSinkOf(tx, id)
  },
  async close(tx, id) {
    await deleteDeliveriesOf(tx, id)
    await deleteKey(tx, id)
    await deleteSinkOf(tx, id)
  },
  export: { kept: "What was sent went to the account's own addresses." },
}
