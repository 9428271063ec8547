import { createHash } from "node:crypto"
import { readdir, readFile, rm, stat } from "node:fs/promises"
import path from "node:path"

import { writeFileAtomic } from "@/db/atomic-file"
import { env } from "@/env"
import type { Job } from "@/lib/jobs/job"

/** The maximum size of the cache; pictures that were fetched longest ago are deleted first. */
const most = 500 * 1024 * 1024

export type Picture = { bytes: Buffer; type: "image/webp" | "image/svg+xml" }

const endings = { "image/webp": "webp", "image/svg+xml": "svg" } as const

const folder = () => path.resolve(env.DATA_DIR, "cache", "images")
const fileOf = (url: string, type: Picture["type"]) => {
  const hash = createHash("sha256").update(url).digest("hex")
  return path.join(folder(), hash.slice(0, 2), `${hash}.${endings[type]}`)
}

/** A cached picture and its age in seconds; undefined if there is none. */
export async function findCached(url: string): Promise<(Picture & { age: number }) | undefined> {
  for (const type of Object.keys(endings) as Picture["type"][]) {
    const file = fileOf(url, type)
    const bytes = await readFile(file).catch(() => undefined)
    const written = bytes && (await stat(file).catch(() => undefined))
    if (bytes && written) return { bytes, type, age: (Date.now() - written.mtimeMs) / 1000 }
  }
  return undefined
}

/** Caches a picture, replacing an older one. */
export async function cachePicture(url: string, { bytes, type }: Picture): Promise<void> {
  await writeFileAtomic(fileOf(url, type), bytes)
  for (const other of Object.keys(endings) as Picture["type"][])
    if (other !== type) await rm(fileOf(url, other), { force: true })
}

/** Deletes the pictures fetched longest ago until the rest is within the limit. */
export async function trimCache(limit = most): Promise<void> {
  const entries = await readdir(folder(), { recursive: true, withFileTypes: true }).catch(() => [])
  const files = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const found = await stat(file).catch(() => undefined)
    if (found) files.push({ file, size: found.size, written: found.mtimeMs })
  }
  let held = files.reduce((sum, { size }) => sum + size, 0)
  for (const { file, size } of files.sort((a, b) => a.written - b.written)) {
    if (held <= limit) return
    await rm(file, { force: true })
    held -= size
  }
}

export const imageCacheJob: Job = {
  name: "image-cache",
  every: 3600,
  by: "process",
  delay: 300,
  run: () => trimCache(),
}
