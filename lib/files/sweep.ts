import { now } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { removeContents } from "./store-file"
import { contentStore } from "./content-store"
import { contentsInUse, deleteExpiredFiles, deleteOrphanedUploads } from "./store"

/** Rows deleted per transaction, so that other writes need not wait long. */
const atOnce = 500
/** Minimum age in milliseconds of a content without a row to be deleted: contents are stored before their rows. */
const strayAge = 24 * 3600 * 1000

/** Deletes expired files, rows and contents; returns their number. */
export async function removeExpiredFiles(): Promise<number> {
  let removed = 0
  for (const removeSome of [() => deleteExpiredFiles(now(), atOnce), () => deleteOrphanedUploads(atOnce)])
    for (;;) {
      const gone = await removeSome()
      await removeContents(gone)
      removed += gone.length
      if (gone.length < atOnce) break
    }
  return removed
}

/** Deletes contents without rows, as left by crashes; returns their number. */
export async function removeStrayContents(age = strayAge): Promise<number> {
  const before = new Date(Date.now() - age)
  await contentStore().tidy(before)
  let removed = 0
  let batch: string[] = []
  const check = async () => {
    const used = batch.length > 0 ? await contentsInUse(batch) : new Set()
    const strays = batch.filter((one) => !used.has(one))
    await removeContents(strays)
    removed += strays.length
    batch = []
  }
  for await (const { stored_as, written_at } of contentStore().list()) {
    if (written_at < before) batch.push(stored_as)
    if (batch.length === atOnce) await check()
  }
  await check()
  return removed
}

export const expiredFilesJob: Job = { name: "expired-files", every: 60, by: "installation", run: removeExpiredFiles }

export const strayContentsJob: Job = {
  name: "stray-contents",
  every: 24 * 3600,
  by: "installation",
  delay: 600,
  run: () => removeStrayContents(),
}
