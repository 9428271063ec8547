import { open } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"

/** Streams a growing file as text from its beginning, until aborted or `grows` returns false. */
export async function* follow(path: string, signal: AbortSignal, grows: () => boolean): AsyncIterable<string> {
  const decoder = new TextDecoder()
  const buffer = Buffer.allocUnsafe(64 * 1024)
  let at = 0
  for (;;) {
    const last = signal.aborted || !grows()
    const file = await open(path, "r").catch(() => null)
    try {
      // It was truncated for being too large.
      if (file && (await file.stat()).size < at) at = 0
      for (;;) {
        const { bytesRead } = (await file?.read(buffer, 0, buffer.length, at)) ?? { bytesRead: 0 }
        if (bytesRead === 0) break
        at += bytesRead
        yield decoder.decode(buffer.subarray(0, bytesRead), { stream: true })
      }
    } finally {
      await file?.close()
    }
    if (last) return
    await sleep(100, undefined, { signal }).catch(() => {})
  }
}
