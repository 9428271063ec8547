import { createReadStream } from "node:fs"
import { open, readdir, rm, stat, type FileHandle } from "node:fs/promises"
import path from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

import { moveIntoPlace } from "@/db/atomic-file"
import { makeFolder } from "@/db/data-folder"
import { writeAll } from "@/lib/images/disk"
import { releaseMemory } from "@/lib/images/memory"
import type { ContentStore } from "./contents"
import { measuring } from "./measure"

const batchSize = 1024 * 1024

/**
 * Stores contents as files `ab/<id>-<sha256>`, whose names let a backup verify them; incomplete ones as
 * `arriving/<id>`.
 */
export function diskContentStore(folder: string): ContentStore {
  const fileOf = (stored_as: string) => path.join(folder, stored_as)
  const arriving = path.join(folder, "arriving")

  return {
    largest: Infinity,

    async put(id, source, limit, onBytes) {
      await makeFolder(arriving)
      const draft = path.join(arriving, id)
      const { through, measured } = measuring(limit, onBytes)
      try {
        const file = await open(draft, "wx", 0o600)
        await pipeline(source, through, (chunks: AsyncIterable<Buffer>) => write(file, chunks)).finally(() =>
          file.close(),
        )
        const found = measured()
        const stored_as = `${id.slice(0, 2)}/${id}-${found.sha256}`
        await moveIntoPlace(draft, fileOf(stored_as))
        return { stored_as, ...found }
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },

    async read(stored_as, span) {
      // Opened before the response, so that a file deleted meanwhile is still read to its end.
      const handle = await open(fileOf(stored_as), "r").catch(unlessGone)
      if (!handle) return null
      if (span && span.end < span.start) {
        await handle.close()
        return Readable.from([])
      }
      return createReadStream("", { fd: handle, ...span, highWaterMark: 256 * 1024 })
    },

    remove: (stored_as) => rm(fileOf(stored_as), { force: true }),

    async *list() {
      for (const { name, written_at } of await filesBelow(folder))
        if (!name.startsWith(`arriving${path.sep}`)) yield { stored_as: name, written_at }
    },

    async tidy(before) {
      for (const { name, written_at } of await filesBelow(arriving))
        if (written_at < before) await rm(path.join(arriving, name), { force: true })
    },
  }
}

async function filesBelow(root: string): Promise<{ name: string; written_at: Date }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const place = path.join(entry.parentPath, entry.name)
    const written_at = (await stat(place).catch(() => null))?.mtime
    if (written_at) found.push({ name: path.relative(root, place), written_at })
  }
  return found
}

/** Writes a stream. It owns the chunks and frees their memory once written. */
async function write(file: FileHandle, chunks: AsyncIterable<Buffer>) {
  let [batch, gathered, at]: [Buffer[], number, number] = [[], 0, 0]
  const flush = async () => {
    await writeAll(file, batch, at)
    batch.forEach(releaseMemory)
    at += gathered
    ;[batch, gathered] = [[], 0]
  }
  for await (const chunk of chunks) {
    batch.push(chunk)
    gathered += chunk.length
    if (gathered >= batchSize) await flush()
  }
  if (gathered > 0) await flush()
}

function unlessGone(error: NodeJS.ErrnoException) {
  if (error.code === "ENOENT") return null
  throw error
}
