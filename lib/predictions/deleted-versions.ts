import { write } from "@/db"
import { now } from "@/lib/clock"
import { forgetFilesOf } from "@/lib/files/output"
import type { Job } from "@/lib/jobs/job"
import { markPoolEmptied, listPoolsWithoutVersion } from "@/lib/pools/pool"
import { cancelNow } from "./end"
import { deleteRows, findOfPool } from "./removal-store"
import { isOver } from "./status"

/** Predictions deleted per transaction, so that other writes need not wait long. */
const atOnce = 100

/** Deletes predictions of deleted versions with their files. Their cost stays in the ledger. */
async function removeRunsOfDeletedVersions(signal: AbortSignal): Promise<void> {
  for (const pool of await listPoolsWithoutVersion()) {
    for (;;) {
      if (signal.aborted) return
      const some = await findOfPool(pool, atOnce)
      for (const prediction of some) if (!isOver(prediction.status)) await cancelNow(prediction)
      const numbers = some.map(({ number }) => number)
      const removeContents = await write(async (tx) => {
        const removeContents = await forgetFilesOf(tx, numbers)
        await deleteRows(tx, numbers)
        return removeContents
      })
      await removeContents()
      if (some.length < atOnce) break
    }
    await markPoolEmptied(pool.key, now())
  }
}

export const deletedVersionsJob: Job = {
  name: "runs of deleted versions",
  every: 60,
  by: "installation",
  run: removeRunsOfDeletedVersions,
}
