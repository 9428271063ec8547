import { createHash, randomUUID } from "node:crypto"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"

import { env } from "@/env"

/** The name of a file is the SHA-256 of what is in it, in hex: the same picture is kept once, whoever sent it. */
const fileOf = (hash: string) => path.resolve(env.DATA_DIR, "uploads", hash.slice(0, 2), hash)

/** Keeps the bytes and answers their name. It appears under that name whole or not at all. */
export async function keepUpload(bytes: Buffer): Promise<string> {
  const hash = createHash("sha256").update(bytes).digest("hex")
  const file = fileOf(hash)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, bytes, { mode: 0o600, flush: true })
  await rename(draft, file)
  return hash
}

/** Null when there is no such file. */
export async function readUpload(hash: string): Promise<Buffer | null> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return null
  return readFile(fileOf(hash)).catch(unlessGone)
}

/**
 * Removes a file that nothing names any more. Somebody may be keeping the same bytes at this very moment: the file steps
 * aside first, and comes back when it turns out to be needed.
 */
export async function dropUpload(hash: string, isNeeded: () => Promise<boolean>): Promise<void> {
  if (await isNeeded()) return
  const aside = `${fileOf(hash)}.${randomUUID()}`
  if ((await rename(fileOf(hash), aside).catch(unlessGone)) === null) return
  if (await isNeeded()) await rename(aside, fileOf(hash))
  else await rm(aside, { force: true })
}

function unlessGone(error: NodeJS.ErrnoException) {
  if (error.code === "ENOENT") return null
  throw error
}
