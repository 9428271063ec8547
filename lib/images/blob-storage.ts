import type { Readable } from "node:stream"

/** Bytes of a file, the last one included. */
export type ByteRange = { start: number; end: number }

export type AppendOptions = {
  /** The size the upload may grow to. */
  limit: number
  /** Told of every chunk as it arrives. */
  onBytes?: (count: number) => void
}

/** Where contents lie. Uploads grow under an id; once whole they are kept under a file name that is never used for anything else. */
export interface BlobStore {
  /** The largest content it can keep. */
  readonly largest: number
  create(upload: string): Promise<void>
  /** Ends the stream that is being appended to an upload, once all of it that arrived is kept. */
  endAppend(upload: string): Promise<void>
  /** Checks and keeps an upload as one thing: what is being appended ends first, and what would be appended meanwhile waits for the end of `work`. */
  exclusively<T>(upload: string, work: () => Promise<T>): Promise<T>
  /** How much of an upload has arrived; undefined when there is no such upload. A stream that broke off counts to its end. */
  sizeOf(upload: string): Promise<number | undefined>
  /**
   * Writes a stream at the end of an upload and answers its new size. What had arrived stays when the stream breaks off.
   * The stream's chunks are the store's from then on: their memory is gone once they are written.
   * Throws `TooLarge` as soon as the limit is passed. Whoever appends while another does ends the other one's stream first.
   */
  append(upload: string, source: Readable, options: AppendOptions): Promise<number>
  digestOf(upload: string, algorithm: "sha256" | "sha512"): Promise<string>
  /** Makes an upload a file that is there after a power cut too, with the content that `digestOf` has last seen. Answers its name: `file`, or one that the store prefers. */
  keep(upload: string, file: string): Promise<string>
  /** Forgets an upload. What was kept of it stays. */
  discard(upload: string): Promise<void>
  read(file: string, span?: ByteRange): Promise<Readable>
  remove(file: string): Promise<void>
  /** Every kept file and every upload, with the moment it was last written. */
  list(what: "blobs" | "uploads"): AsyncIterable<{ name: string; size: number; written_at: Date }>
}

/** More arrived than may. */
export class TooLarge extends Error {}
