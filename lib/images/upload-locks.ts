import type { Readable } from "node:stream"

/**
 * Lets one stream at a time append to an upload in this process: a client that lost its connection may resume before
 * the server notices the loss.
 */
export function uploadLocks() {
  const appending = new Map<string, { source: Readable; done: Promise<unknown> }>()
  const closing = new Map<string, Promise<unknown>>()

  /** Ends the current append and waits until its received data is stored. */
  async function endAppend(upload: string) {
    const current = appending.get(upload)
    if (!current) return
    current.source.destroy(new Error("Another request continues this upload."))
    await current.done.catch(() => {})
  }

  const isLocked = (upload: string) => closing.has(upload) || appending.has(upload)

  /** Called in a loop, because another waiter may get the lock first. */
  async function ending(upload: string) {
    await closing.get(upload)?.catch(() => {})
    await endAppend(upload)
  }

  return {
    endAppend,

    /** Runs `work` while nobody appends; later appends wait. */
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

    /** Waits until the data of an interrupted stream is stored. */
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
