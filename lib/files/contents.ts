import type { Readable } from "node:stream"

import type { ByteRange } from "@/lib/http/range"

/** A stored content and its name. */
export type StoredContent = { stored_as: string; size: number; sha256: string; md5: string }

/** Storage of file contents, under names that are never reused. */
export interface ContentStore {
  /** The largest content it can store. */
  readonly largest: number
  /**
   * Stores a stream completely or not at all; the store owns and frees its chunks. Throws `TooLarge` as soon as it
   * exceeds `limit` bytes, and what `onBytes` throws.
   */
  put(id: string, source: Readable, limit: number, onBytes?: (bytes: number) => void): Promise<StoredContent>
  /** A stream of a content, or of a range of it. Null if there is no such content. */
  read(stored_as: string, span?: ByteRange): Promise<Readable | null>
  remove(stored_as: string): Promise<void>
  /** All contents with their write times. */
  list(): AsyncIterable<{ stored_as: string; written_at: Date }>
  /** Deletes partial contents from before a time. */
  tidy(before: Date): Promise<void>
}

/** More data than allowed. */
export class TooLarge extends Error {}
