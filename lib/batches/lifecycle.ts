import { batches, batchRuns } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteBatchesOf, stopBatchesOf } from "./store"

export const batchesLifecycle: AccountLifecycle = {
  tables: [batches, batchRuns],
  disable: stopBatchesOf,
  close: deleteBatchesOf,
  export: { kept: "What batches ran is among the predictions." },
}
