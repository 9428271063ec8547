import { sql } from "drizzle-orm"

import { read, write } from "@/db"
import { predictions } from "@/db/schema"
import { addRuns } from "@/lib/models/store"
import { countRuns } from "./store"

/** Predictions added to run counts per transaction. */
const atOnce = 500

/** Whether any prediction is not counted yet. */
export async function anyNewRuns(): Promise<boolean> {
  const [row] = await read()
    .select({ number: predictions.number })
    .from(predictions)
    .where(sql`not ${predictions.counted}`)
    .limit(1)
  return row !== undefined
}

/** Adds new predictions to the run counts of their models, each once. False if there may be more. */
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
