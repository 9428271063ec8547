import { sql } from "drizzle-orm"

import { read, write } from "@/db"
import { predictions } from "@/db/schema"
import { addRuns } from "@/lib/models/store"
import { countRuns } from "./store"

/** Predictions that are taken into the counts of models at a time. */
const atOnce = 500

/** Whether there is anything to count. */
export async function anyNewRuns(): Promise<boolean> {
  const [row] = await read()
    .select({ number: predictions.number })
    .from(predictions)
    .where(sql`not ${predictions.counted}`)
    .limit(1)
  return row !== undefined
}

/** Has models say how often they ran, each prediction once. False when there may be more. */
export async function countNewRuns(): Promise<boolean> {
  return write(async (tx) => {
    const runs = await countRuns(tx, atOnce)
    let counted = 0
    for (const [model_id, times] of runs) {
      await addRuns(tx, model_id, times)
      counted += times
    }
    return counted < atOnce
  })
}
