import type { Readable } from "node:stream"

import type { ByteRange } from "@/lib/http/range"

/** What was kept, and the name it is found under. */
export type Kept = { stored_as: string; size: number; sha256: string; md5: string }

/** Where the contents of files lie, each under a name that is never used twice. */
export interface Contents {
  /** The largest content it can keep. */
  readonly largest: number
  /** Keeps a stream as it arrives, whole or not at all; its chunks are the store's from then on. Throws `TooLarge` as soon as it has more than `limit` bytes, and what `onBytes` throws. */
  keep(id: string, source: Readable, limit: number, onBytes?: (bytes: number) => void): Promise<Kept>
  /** Null when there is no such content. */
  read(stored_as: string, span?: ByteRange): Promise<Readable | null>
  remove(stored_as: string): Promise<void>
  /** Every content with the moment it was written. */
  list(): AsyncIterable<{ stored_as: string; written_at: Date }>
  /** Removes what arrived of contents that were given up before a moment. */
  tidy(before: Date): Promise<void>
}

/** More arrived than may. */
export class TooLarge extends Error {}
