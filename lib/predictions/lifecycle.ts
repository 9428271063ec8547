import { predictions } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { endPredictionsOf, expirePredictionsOf } from "./account-store"

export const predictionsLifecycle: AccountLifecycle = {
  tables: [predictions],
  disable: endPredictionsOf,
  async close(tx, id, at) {
    await endPredictionsOf(tx, id, at)
    await expirePredictionsOf(tx, id, at)
  },
  export: {
    kept: "They are listed at /v1/predictions, with what they were given and gave, for as long as that is kept.",
  },
}
