import type { Readable } from "node:stream"

/** Lets one stream at a time append to an upload, as far as this process knows: a client that lost its connection may be back before we have noticed. */
export function uploadLocks() {
  const appending = new Map<string, { source: Readable; done: Promise<unknown> }>()
  const closing = new Map<string, Promise<unknown>>()

  /** Ends the stream that is being appended, once all of it that arrived is kept. */
  async function endAppend(upload: string) {
    const current = appending.get(upload)
    if (!current) return
    current.source.destroy(new Error("Another request goes on with this upload."))
    await current.done.catch(() => {})
  }

  const isLocked = (upload: string) => closing.has(upload) || appending.has(upload)

  /** To be asked again and again, because others may have waited for the same. */
  async function ending(upload: string) {
    await closing.get(upload)?.catch(() => {})
    await endAppend(upload)
  }

  return {
    endAppend,

    /** Does the work while nobody appends; whoever comes to append meanwhile waits for its end. */
    async exclusively<T>(upload: string, work: () => Promise<T>): Promise<T> {
      while (isLocked(upload)) await ending(upload)
      const done = work()
      closing.set(upload, done)
      try {
        return await done
      } finally {
        closing.delete(upload)
      }
    },

    /** Waits for what is kept of a stream that broke off. */
    async drainBroken(upload: string) {
      const current = appending.get(upload)
      if (current?.source.destroyed) await current.done.catch(() => {})
    },

    async append<T>(upload: string, source: Readable, work: () => Promise<T>): Promise<T> {
      while (isLocked(upload)) await ending(upload)
      const done = work()
      const current = { source, done }
      appending.set(upload, current)
      try {
        return await done
      } finally {
        if (appending.get(upload) === current) appending.delete(upload)
      }
    },
  }
}
