import type { Readable } from "node:stream"

import type { Bucket } from "@/lib/bucket/bucket"
import type { ContentStore } from "./contents"
import { measuring } from "./measure"

const prefix = "files/"
/** The size of a part. Each transfer buffers two: one is sent while the next one fills. */
const partSize = 8 * 1024 * 1024
/** The maximum number of parts of an S3 object. */
const maxParts = 10_000

/** Stores contents as objects `files/<id>`: small ones in one request, large ones in parts as they arrive. */
export function bucketContentStore(bucket: Bucket): ContentStore {
  return {
    largest: partSize * maxParts,

    async put(id, source, limit, onBytes) {
      const { through, measured } = measuring(limit, onBytes)
      source.once("error", (error) => through.destroy(error))
      source.pipe(through)
      try {
        await send(bucket, prefix + id, through)
      } catch (error) {
        source.destroy()
        throw error
      }
      return { stored_as: id, ...measured() }
    },

    read: (stored_as, span) => bucket.read(prefix + stored_as, span),

    remove: (stored_as) => bucket.remove(prefix + stored_as),

    async *list() {
      for await (const { key, written_at } of bucket.list(prefix))
        yield { stored_as: key.slice(prefix.length), written_at }
    },

    async tidy(before) {
      for (const { key, upload, begun_at } of await bucket.unfinished(prefix))
        if (begun_at < before) await bucket.abort(key, upload)
    },
  }
}

async function send(bucket: Bucket, key: string, source: Readable): Promise<void> {
  let upload: string | undefined
  const tags: string[] = []
  // Two buffers: one is sent while the other fills.
  const buffers: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0)]
  let [filling, filled] = [0, 0]
  let sending: Promise<unknown> = Promise.resolve()

  async function sendPart() {
    await sending
    const part = buffers[filling]!.subarray(0, filled)
    upload ??= await bucket.begin(key)
    const number = tags.push("")
    sending = bucket.send(key, upload, number, part).then((tag) => (tags[number - 1] = tag))
    // A failure surfaces at the next await.
    sending.catch(() => {})
    filling = 1 - filling
    filled = 0
  }

  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        if (filled === partSize) await sendPart()
        const room = Math.min(chunk.length - at, partSize - filled)
        buffers[filling] = withRoomFor(buffers[filling]!, filled, filled + room)
        chunk.copy(buffers[filling]!, filled, at, at + room)
        filled += room
        at += room
      }
    }
    if (upload === undefined) return await bucket.put(key, buffers[filling]!.subarray(0, filled))
    if (filled > 0) await sendPart()
    await sending
    if (!(await bucket.complete(key, upload, tags))) throw new Error(`The bucket has lost ${key} as it was sent.`)
  } catch (error) {
    await sending.catch(() => {})
    if (upload !== undefined) await bucket.abort(key, upload).catch(() => {})
    throw error
  }
}

/** Grows on demand, because most contents are much smaller than a part. */
function withRoomFor(buffer: Buffer, used: number, size: number): Buffer {
  if (buffer.length >= size) return buffer
  const larger = Buffer.allocUnsafeSlow(Math.min(partSize, Math.max(size, buffer.length * 2, 64 * 1024)))
  buffer.copy(larger, 0, 0, used)
  return larger
}
