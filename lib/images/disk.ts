import { createHash, type Hash } from "node:crypto"
import { createReadStream } from "node:fs"
import { open, readdir, rm, stat, utimes, type FileHandle } from "node:fs/promises"
import path from "node:path"
import type { Readable } from "node:stream"
import { finished } from "node:stream/promises"

import { moveIntoPlace } from "@/db/atomic-file"
import { makeFolder } from "@/db/data-folder"
import { TooLarge, type AppendOptions, type BlobStore } from "./blob-storage"
import { digestOf, type Algorithm } from "./digest"
import { releaseMemory } from "./memory"
import { uploadLocks } from "./upload-locks"

/** Bytes per write. */
const batchSize = 1024 * 1024
/** Bytes between flushes to disk during an upload, so that its end does not have to flush everything. */
const flushSize = 256 * 1024 * 1024

/** Stores blobs as files: `blobs/sha256/ab/…` and `uploads/…`. */
export function diskStore(folder: string): BlobStore {
  const fileOf = (file: string) => path.join(folder, "blobs", file)
  const uploadOf = (upload: string) => path.join(folder, "uploads", upload)

  // Hashes of uploads in progress; a missing one is recomputed from the file.
  const hashes = new Map<string, { hash: Hash; size: number }>()
  const locks = uploadLocks()

  async function hashed(upload: string, size: number): Promise<Hash> {
    const known = hashes.get(upload)
    if (known?.size === size) return known.hash
    return hashOfFile(uploadOf(upload), "sha256", size)
  }

  async function append(upload: string, source: Readable, { limit, onBytes }: AppendOptions): Promise<number> {
    const file = await open(uploadOf(upload), "r+")
    try {
      const { size: start } = await file.stat()
      const hash = await hashed(upload, start)
      hashes.delete(upload)
      const size = await pour(source, file, { start, limit, hash, onBytes })
      hashes.set(upload, { hash, size })
      return size
    } finally {
      await file.close()
    }
  }

  return {
    largest: Infinity,

    async create(upload) {
      await makeFolder(path.join(folder, "uploads"))
      await (await open(uploadOf(upload), "wx", 0o600)).close()
      hashes.set(upload, { hash: createHash("sha256"), size: 0 })
    },

    endAppend: locks.endAppend,
    exclusively: locks.exclusively,

    async sizeOf(upload) {
      await locks.drainBroken(upload)
      return (await statOf(uploadOf(upload)))?.size
    },

    append: (upload, source, options) => locks.append(upload, source, () => append(upload, source, options)),

    async digestOf(upload, algorithm) {
      await locks.endAppend(upload)
      const { size } = await stat(uploadOf(upload))
      const hash =
        algorithm === "sha256"
          ? (await hashed(upload, size)).copy()
          : await hashOfFile(uploadOf(upload), algorithm, size)
      return digestOf(hash, algorithm)
    },

    async complete(upload, file) {
      const target = fileOf(file)
      // The new date protects the file from garbage collection until its row is written.
      const now = new Date()
      await utimes(uploadOf(upload), now, now)
      await moveIntoPlace(uploadOf(upload), target)
      hashes.delete(upload)
      return file
    },

    async discard(upload) {
      await locks.endAppend(upload)
      hashes.delete(upload)
      await rm(uploadOf(upload), { force: true })
    },

    async read(file, span) {
      // Opened before the response, so that a file deleted meanwhile is still read to its end.
      const handle = await open(fileOf(file), "r")
      return createReadStream("", { fd: handle, ...span, highWaterMark: batchSize })
    },

    remove: (file) => rm(fileOf(file), { force: true }),

    async *list(what) {
      const root = path.join(folder, what)
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
      for (const entry of entries) {
        if (!entry.isFile()) continue
        const place = path.join(entry.parentPath, entry.name)
        const found = await statOf(place)
        if (found) yield { name: path.relative(root, place), size: found.size, written_at: found.mtime }
      }
    },
  }
}

type Pouring = { start: number; hash: Hash } & AppendOptions

/** Writes one batch while the next one arrives, so that at most two are in memory. */
async function pour(source: Readable, file: FileHandle, { start, limit, hash, onBytes }: Pouring): Promise<number> {
  let size = start
  let written = start
  let flushed = start
  let batch: Buffer[] = []
  let gathered = 0
  let writing: Promise<unknown> = Promise.resolve()
  let flushing: Promise<unknown> | undefined

  async function write() {
    const [chunks, at] = [batch, written]
    written += gathered
    batch = []
    gathered = 0
    await writing
    writing = writeAll(file, chunks, at).then(() => chunks.forEach(releaseMemory))
    // A failure surfaces at the next await.
    writing.catch(() => {})
    if (written - flushed >= flushSize && !flushing) {
      flushed = written
      flushing = writing
        .then(() => file.datasync())
        .catch(() => {})
        .finally(() => (flushing = undefined))
    }
  }

  try {
    // Not destroyed when the loop ends early: that would end the connection before the client has read the error.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (size + chunk.length > limit) throw new TooLarge()
      size += chunk.length
      hash.update(chunk)
      onBytes?.(chunk.length)
      batch.push(chunk)
      gathered += chunk.length
      if (gathered >= batchSize) await write()
    }
  } finally {
    // Received data is kept, so that the upload can be resumed.
    if (gathered > 0) await write()
    await writing
    await flushing
  }
  return size
}

/** Writes all of the chunks, in their order. */
export async function writeAll(file: FileHandle, chunks: Buffer[], at: number) {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const { bytesWritten } = await file.writev(chunks, at)
  if (bytesWritten === total) return
  const rest = Buffer.concat(chunks).subarray(bytesWritten)
  for (let done = 0; done < rest.length;)
    done += (await file.write(rest, done, rest.length - done, at + bytesWritten + done)).bytesWritten
}

async function hashOfFile(file: string, algorithm: Algorithm, size: number): Promise<Hash> {
  const hash = createHash(algorithm)
  if (size === 0) return hash
  const stream = createReadStream(file, { end: size - 1, highWaterMark: batchSize })
  stream.on("data", (chunk) => hash.update(chunk))
  await finished(stream)
  return hash
}

const statOf = (file: string) =>
  stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })
