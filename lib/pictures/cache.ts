import { createHash } from "node:crypto"
import { readdir, readFile, rm, stat } from "node:fs/promises"
import path from "node:path"

import { writeFileAtomic } from "@/db/atomic-file"
import { env } from "@/env"
import type { Job } from "@/lib/jobs/job"

/** Bytes that fetched pictures may take: what was fetched longest ago goes first. */
const most = 500 * 1024 * 1024

export type Picture = { bytes: Buffer; type: "image/webp" | "image/svg+xml" }

const endings = { "image/webp": "webp", "image/svg+xml": "svg" } as const

const folder = () => path.resolve(env.DATA_DIR, "cache", "images")
const fileOf = (url: string, type: Picture["type"]) => {
  const hash = createHash("sha256").update(url).digest("hex")
  return path.join(folder(), hash.slice(0, 2), `${hash}.${endings[type]}`)
}

/** A picture that was fetched before, and how many seconds ago. */
export async function findCached(url: string): Promise<(Picture & { age: number }) | undefined> {
  for (const type of Object.keys(endings) as Picture["type"][]) {
    const file = fileOf(url, type)
    const bytes = await readFile(file).catch(() => undefined)
    const written = bytes && (await stat(file).catch(() => undefined))
    if (bytes && written) return { bytes, type, age: (Date.now() - written.mtimeMs) / 1000 }
  }
  return undefined
}

/** Keeps a picture in the place of an older one. */
export async function keepCached(url: string, { bytes, type }: Picture): Promise<void> {
  await writeFileAtomic(fileOf(url, type), bytes)
  for (const other of Object.keys(endings) as Picture["type"][])
    if (other !== type) await rm(fileOf(url, other), { force: true })
}

/** Removes what was fetched longest ago where it is too much together. */
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
