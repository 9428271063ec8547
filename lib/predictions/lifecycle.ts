import { predictions, shares } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteSharesOf } from "./share-store"
import { countUnfinishedIn, endPredictionsOf, expirePredictionsOf } from "./account-store"

export const predictionsLifecycle: AccountLifecycle = {
  tables: [predictions, shares],
  blockers: async (db, id) => inTheWay(await countUnfinishedIn(db, id)),
  disable: async (tx, id, at) => {
    await endPredictionsOf(tx, id, at)
    await deleteSharesOf(tx, id)
  },
  close: async (tx, id, at) => {
    await expirePredictionsOf(tx, id, at)
    await deleteSharesOf(tx, id)
  },
  export: {
    kept: "They are listed at /v1/predictions, with what they were given and gave, for as long as that is kept.",
  },
}

const inTheWay = (runs: number): string[] =>
  runs === 0
    ? []
    : [
        runs === 1
          ? "A prediction is still running: wait for it or cancel it."
          : `${runs.toLocaleString("en-US")} predictions are still running: wait for them or cancel them.`,
      ]
