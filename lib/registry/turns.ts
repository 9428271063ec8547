import type { Readable } from "node:stream"

/** Lets one stream at a time append to an upload, as far as this process knows: a client that lost its connection may be back before we have noticed. */
export function takingTurns() {
  const appending = new Map<string, { source: Readable; done: Promise<unknown> }>()

  /** Ends the stream that is being appended, once all of it that arrived is kept. */
  async function settle(upload: string) {
    const current = appending.get(upload)
    if (!current) return
    current.source.destroy(new Error("Another request goes on with this upload."))
    await current.done.catch(() => {})
  }

  return {
    settle,

    /** Waits for what is kept of a stream that broke off. */
    async quiet(upload: string) {
      const current = appending.get(upload)
      if (current?.source.destroyed) await current.done.catch(() => {})
    },

    async append<T>(upload: string, source: Readable, work: () => Promise<T>): Promise<T> {
      await settle(upload)
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
