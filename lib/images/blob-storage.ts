import type { Readable } from "node:stream"

/** A byte range, end included. */
export type ByteRange = { start: number; end: number }

export type AppendOptions = {
  /** The maximum size of the upload. */
  limit: number
  /** Called with every chunk's size. */
  onBytes?: (count: number) => void
}

/** Stores blobs. Uploads grow under an ID; complete ones become files with names that are never reused. */
export interface BlobStore {
  /** The largest blob it can store. */
  readonly largest: number
  create(upload: string): Promise<void>
  /** Ends the current append to an upload and waits until its received data is stored. */
  endAppend(upload: string): Promise<void>
  /** Runs `work` exclusively: a current append ends first, and later ones wait. */
  exclusively<T>(upload: string, work: () => Promise<T>): Promise<T>
  /** The received size of an upload, including data of an interrupted stream; undefined if there is no upload. */
  sizeOf(upload: string): Promise<number | undefined>
  /**
   * Appends a stream to an upload and returns its new size. Received data stays if the stream breaks off. The store
   * owns the stream's chunks and frees them once written. Throws `TooLarge` as soon as the limit is exceeded. A new
   * append ends the current one.
   */
  append(upload: string, source: Readable, options: AppendOptions): Promise<number>
  digestOf(upload: string, algorithm: "sha256" | "sha512"): Promise<string>
  /**
   * Turns an upload into a durable file with the content last seen by `digestOf`. Returns its name: `file`, or one
   * that the store prefers.
   */
  complete(upload: string, file: string): Promise<string>
  /** Discards an upload. Files made from it stay. */
  discard(upload: string): Promise<void>
  read(file: string, span?: ByteRange): Promise<Readable>
  remove(file: string): Promise<void>
  /** All files or uploads, with the time of their last write. */
  list(what: "blobs" | "uploads"): AsyncIterable<{ name: string; size: number; written_at: Date }>
}

/** More data than allowed. */
export class TooLarge extends Error {}
