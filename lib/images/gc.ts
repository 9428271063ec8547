import { fromNow } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { blobStore } from "./blobs"
import { deleteUploadsBefore } from "./upload-store"
import { filesInUse, sweepManifests, sweepRows } from "./sweep-store"

/** What garbage collection deleted. */
export type Swept = { manifests: number; contents: number; bytes: number; uploads: number; strays: number }

/** Minimum age in hours before a file without a row is deleted. */
const orphanHours = 1

/**
 * Deletes unused manifests, blobs that no model holds or no manifest references, abandoned uploads, and files left by
 * crashes. Safe during pushes and pulls in any process: a push in progress is younger than `hours`, a row is deleted
 * before its file, and file names are never reused. Throws between two files when `signal` is aborted.
 */
export async function collectGarbage(hours = 24, signal?: AbortSignal): Promise<Swept> {
  const store = blobStore()
  const cutoff = fromNow(-hours * 3600)
  const manifests = await sweepIdleManifests(cutoff, signal)
  const rows = await sweepRows(cutoff)
  // Not stopped by `signal`, because their rows are already deleted.
  for (const { file } of rows) await store.remove(file)

  // Files are stored before their rows, so one without a row is kept for a while.
  const strays = await listBefore("blobs", fromNow(-Math.max(hours, orphanHours) * 3600))
  let gone = 0
  for (let at = 0; at < strays.length; at += 500) {
    const some = strays.slice(at, at + 500)
    const used = await filesInUse(some)
    for (const file of some) {
      signal?.throwIfAborted()
      if (used.has(file)) continue
      await store.remove(file)
      gone++
    }
  }

  const uploads = await listBefore("uploads", cutoff)
  for (const upload of uploads) {
    signal?.throwIfAborted()
    await store.discard(upload)
  }
  // An upload that still grows has a recent file, although its row may be old.
  const growing = (await listAll("uploads")).map(({ name }) => name)
  await deleteUploadsBefore(cutoff, growing)
  return {
    manifests,
    contents: rows.length,
    bytes: rows.reduce((sum, { size }) => sum + size, 0),
    uploads: uploads.length,
    strays: gone,
  }
}

/** Repeated, because deleting an index releases its parts. */
async function sweepIdleManifests(cutoff: string, signal?: AbortSignal): Promise<number> {
  let total = 0
  for (;;) {
    const count = await sweepManifests(cutoff)
    total += count
    if (count === 0) return total
    signal?.throwIfAborted()
  }
}

const listAll = async (what: "blobs" | "uploads") => {
  const found = []
  for await (const one of blobStore().list(what)) found.push(one)
  return found
}

const listBefore = async (what: "blobs" | "uploads", cutoff: string) =>
  (await listAll(what)).filter(({ written_at }) => written_at.getTime() < Date.parse(cutoff)).map(({ name }) => name)

/** Collects garbage daily, starting ten minutes after the process. */
export const sweepJob: Job = {
  name: "registry-sweep",
  every: 24 * 3600,
  by: "installation",
  delay: 600,
  run: (signal) => collectGarbage(24, signal),
}
