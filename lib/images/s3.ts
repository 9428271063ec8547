import { createHash, randomBytes, type Hash } from "node:crypto"
import type { Readable } from "node:stream"
import { LRUCache } from "lru-cache"

import type { Bucket, Part } from "@/lib/bucket/bucket"
import { TooLarge, type AppendOptions, type BlobStore } from "./blob-storage"
import { digestOf, type Algorithm } from "./digest"
import { releaseMemory } from "./memory"
import { uploadLocks } from "./upload-locks"

const mebibyte = 1024 * 1024
/** The maximum number of parts of an S3 object. */
const maxParts = 10_000
/** Maximum number of parts in flight. */
const atOnce = 2

/**
 * The state of an upload in the bucket, written by any server. Data is in parts of equal size, numbered by position;
 * the rest after the last full part is in pieces, named by position. Servers need no coordination: one that continues
 * an upload lists what exists, and two that write at the same position write the same bytes.
 */
type State = {
  multipart: string
  partSize: number
  parts: Part[]
  pieces: Piece[]
  /** A recorded SHA-256 of exactly these parts and pieces. */
  sha256?: string
  size: number
  /** Already assembled. */
  whole: boolean
  written_at: Date
}

/**
 * A piece of an upload after its last full part. `sha256` is the hash of everything up to its end, valid if the
 * fingerprint of what precedes it is `after`.
 */
type Piece = { key: string; start: number; end: number; sha256?: string; after?: string }

/**
 * Stores blobs as objects in a bucket: `registry/blobs/pushed/…`, named after their upload, because a multipart object
 * needs a name before its digest is known. Records of uploads are in `registry/uploads/`. Files copied from disk keep
 * their name.
 */
export function s3Store(bucket: Bucket, { partSize = 16 * mebibyte } = {}): BlobStore {
  const blobs = "registry/blobs/"
  const notes = "registry/uploads/"
  const fileOf = (upload: string) => `pushed/${upload}`
  const keyOf = (upload: string) => blobs + fileOf(upload)

  // Hashes of uploads in progress, and the state they belong to. Bounded, because another server may end an upload.
  const hashes = new LRUCache<string, { hash: Hash; of: string }>({ max: 10_000 })
  const checked = new Map<string, State>()
  const locks = uploadLocks()

  async function stateOf(upload: string): Promise<State | undefined> {
    const found = []
    for await (const note of bucket.list(`${notes}${upload}/`)) found.push(note)
    const begun = found.map(({ key }) => begunOf(key)).find((one) => one !== undefined)
    if (!begun) return undefined

    const { multipart, partSize } = begun
    const written_at = new Date(Math.max(...found.map((note) => note.written_at.getTime())))
    // Most uploads are smaller than a part and have none.
    const sent = found.some(({ key }) => key.endsWith("/sent")) ? await bucket.parts(keyOf(upload), multipart) : []
    const size = sent ? null : await bucket.sizeOf(keyOf(upload))
    if (size !== null) return { ...begun, parts: [], pieces: [], size, whole: true, written_at }
    if (!sent) return undefined

    const gap = sent.findIndex((part, n) => part.number !== n + 1 || part.size !== partSize)
    const parts = gap < 0 ? sent : sent.slice(0, gap)
    const last = Math.max(written_at.getTime(), ...sent.map((part) => part.written_at.getTime()))
    return {
      ...begun,
      parts,
      ...behind(
        parts,
        parts.length * partSize,
        found.flatMap(({ key }) => pieceOf(key) ?? []),
      ),
      whole: false,
      written_at: new Date(last),
    }
  }

  function behind(parts: Part[], full: number, all: Piece[]): Pick<State, "pieces" | "size" | "sha256"> {
    const pieces = longestChain(all, full)
    const size = pieces.at(-1)?.end ?? full
    const { sha256 } =
      all.find(
        (piece) =>
          piece.end === size &&
          piece.sha256 &&
          piece.after === fingerprint({ parts, pieces: pieces.filter((one) => one !== piece) }),
      ) ?? {}
    return { pieces, size, sha256 }
  }

  async function required(upload: string): Promise<State> {
    const state = await stateOf(upload)
    if (!state) throw new Error(`The upload ${upload} is gone.`)
    return state
  }

  /**
   * The hash of all received data, to continue with. Undefined if that would have to be read back, which `digestOf`
   * does once at the end.
   */
  async function hashed(upload: string, state: State): Promise<Hash | undefined> {
    const known = hashes.get(upload)
    if (known?.of === fingerprint(state)) return known.hash
    return state.parts.length > 0 ? undefined : createHash("sha256").update(await bytesOf(state.pieces))
  }

  async function bytesOf(pieces: Piece[]): Promise<Buffer> {
    const chunks = await Promise.all(
      pieces.map(async ({ key }) => {
        const source = await bucket.read(key)
        if (!source) throw new Error(`${key} is gone.`)
        return Buffer.concat((await source.toArray()) as Buffer[])
      }),
    )
    return Buffer.concat(chunks)
  }

  async function append(upload: string, source: Readable, options: AppendOptions): Promise<number> {
    const state = await required(upload)
    if (state.whole) throw new Error(`The upload ${upload} is complete.`)
    const hash = await hashed(upload, state)
    hashes.delete(upload)
    return pour(source, upload, state, hash, options)
  }

  /** Sends parts as they fill up. The current part and those in flight are in memory. */
  async function pour(
    source: Readable,
    upload: string,
    state: State,
    hash: Hash | undefined,
    { limit, onBytes }: AppendOptions,
  ): Promise<number> {
    const { partSize } = state
    const parts = [...state.parts]
    let before = state.pieces
    let size = state.size
    let filled = size - parts.length * partSize
    /** The offset in the current part from which bytes are not stored in a piece yet. */
    let fresh = filled
    let room: Buffer | undefined
    const rooms: Buffer[] = []
    const sending: Promise<void>[] = []

    /** Grows on demand, because most uploads are small. */
    function roomier(full: Buffer | undefined): Buffer {
      if (full && filled < full.length) return full
      if (!full && rooms.length > 0) return rooms.pop()!
      const next = Buffer.allocUnsafeSlow(Math.min(partSize, Math.max(filled, 32 * 1024) * 8))
      full?.copy(next, fresh, fresh, filled)
      return next
    }

    async function sendPart() {
      const bytes = room!
      if (parts.length === 0) await bucket.put(`${notes}${upload}/sent`, Buffer.alloc(0))
      if (before.length > 0) (await bytesOf(before)).copy(bytes)
      const number = parts.push({ number: parts.length + 1, etag: "", size: partSize, written_at: new Date() })
      before = []
      filled = fresh = 0
      room = undefined
      const sent = send(number, bytes)
      // A failure surfaces at the next await.
      sent.catch(() => {})
      sending.push(sent)
      await sending.at(-atOnce)
    }

    async function send(number: number, bytes: Buffer) {
      parts[number - 1]!.etag = await bucket.send(keyOf(upload), state.multipart, number, bytes)
      rooms.push(bytes)
    }

    let failure: { error: unknown } | undefined
    try {
      // Not destroyed when the loop ends early: that would end the connection before the client has read the error.
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (size + chunk.length > limit) throw new TooLarge()
        size += chunk.length
        hash?.update(chunk)
        onBytes?.(chunk.length)
        for (let at = 0; at < chunk.length;) {
          room = roomier(room)
          const taken = chunk.copy(room, filled, at)
          at += taken
          filled += taken
          if (filled === partSize) await sendPart()
        }
        releaseMemory(chunk)
      }
    } catch (error) {
      failure = { error }
    }

    // Received data is stored, so that any server can resume the upload.
    await Promise.all(sending)
    if (size === state.size && hash) hashes.set(upload, { hash, of: fingerprint(state) })
    if (size > state.size) {
      const start = parts.length * partSize + fresh
      const after = fingerprint({ parts, pieces: before })
      const name = [
        "piece",
        start,
        size,
        randomBytes(6).toString("hex"),
        ...(hash ? [hash.copy().digest("hex"), after] : []),
      ].join("-")
      const piece = { key: `${notes}${upload}/${name}`, start, end: size }
      await bucket.put(piece.key, room ? room.subarray(fresh, filled) : Buffer.alloc(0))
      if (hash)
        hashes.set(upload, { hash, of: fingerprint({ parts, pieces: start === size ? before : [...before, piece] }) })
      // Their data is now in a part.
      if (before !== state.pieces) await Promise.all(state.pieces.map(({ key }) => bucket.remove(key)))
    }
    if (failure) throw failure.error
    return size
  }

  /** Assembles an upload from exactly the given parts and pieces. Idempotent. */
  async function assemble(upload: string, { multipart, parts, pieces, whole }: State) {
    if (whole) return
    const rest = await bytesOf(pieces)
    if (parts.length === 0) {
      await bucket.put(keyOf(upload), rest)
      return bucket.abort(keyOf(upload), multipart)
    }
    const tags = parts.map(({ etag }) => etag)
    if (rest.length > 0) tags.push(await bucket.send(keyOf(upload), multipart, tags.length + 1, rest))
    if (await bucket.complete(keyOf(upload), multipart, tags)) return
    if ((await bucket.sizeOf(keyOf(upload))) === null) throw new Error(`The upload ${upload} is gone.`)
  }

  async function read(key: string, span?: { start: number; end: number }) {
    const source = await bucket.read(key, span)
    if (!source) throw new Error(`${key} is not in the bucket.`)
    return source
  }

  return {
    largest: maxParts * partSize,

    async create(upload) {
      const multipart = await bucket.begin(keyOf(upload))
      try {
        await bucket.put(
          `${notes}${upload}/begun-${partSize}-${Buffer.from(multipart).toString("base64url")}`,
          Buffer.alloc(0),
        )
      } catch (error) {
        await bucket.abort(keyOf(upload), multipart).catch(() => {})
        throw error
      }
    },

    endAppend: locks.endAppend,
    exclusively: locks.exclusively,

    async sizeOf(upload) {
      await locks.drainBroken(upload)
      return (await stateOf(upload))?.size
    },

    append: (upload, source, options) => locks.append(upload, source, () => append(upload, source, options)),

    /** Uses the recorded hash if one server received all data. Otherwise assembles the upload and reads it back. */
    async digestOf(upload, algorithm) {
      await locks.endAppend(upload)
      const state = await required(upload)
      checked.set(upload, state)
      if (algorithm === "sha256" && state.sha256) return `sha256:${state.sha256}`
      if (!state.whole && state.parts.length === 0)
        return digestOf(createHash(algorithm).update(await bytesOf(state.pieces)), algorithm)
      await assemble(upload, state)
      checked.set(upload, { ...state, whole: true })
      return digestOf(await hashOf(await read(keyOf(upload)), algorithm), algorithm)
    },

    async complete(upload) {
      await assemble(upload, checked.get(upload) ?? (await required(upload)))
      checked.delete(upload)
      hashes.delete(upload)
      return fileOf(upload)
    },

    async discard(upload) {
      await locks.endAppend(upload)
      hashes.delete(upload)
      checked.delete(upload)
      // After assembly there is nothing to abort, and some stores would delete the object's parts.
      const kept = await bucket.sizeOf(keyOf(upload))
      const found = []
      for await (const { key } of bucket.list(`${notes}${upload}/`)) found.push(key)
      for (const begun of found.flatMap((key) => begunOf(key) ?? []))
        if (kept === null) await bucket.abort(keyOf(upload), begun.multipart)
      await Promise.all(found.map((key) => bucket.remove(key)))
    },

    read: (file, span) => read(blobs + file, span),

    remove: (file) => bucket.remove(blobs + file),

    async *list(what) {
      const uploads = new Map<string, Date>()
      for await (const { key, written_at } of bucket.list(notes)) {
        const upload = key.slice(notes.length).split("/")[0]!
        if (written_at.getTime() > (uploads.get(upload)?.getTime() ?? -1)) uploads.set(upload, written_at)
      }
      if (what === "blobs") {
        // A multipart object can have the date of its start. The records of its upload are more recent.
        for await (const { key, size, written_at } of bucket.list(blobs)) {
          const name = key.slice(blobs.length)
          const noted = uploads.get(name.slice(fileOf("").length)) ?? written_at
          yield { name, size, written_at: noted > written_at ? noted : written_at }
        }
        return
      }
      for (const [name, written_at] of uploads) {
        const state = await stateOf(name)
        yield { name, size: state?.size ?? 0, written_at: state?.written_at ?? written_at }
      }
    },
  }
}

const fingerprint = ({ parts, pieces }: Pick<State, "parts" | "pieces">) =>
  createHash("sha256")
    .update(JSON.stringify([parts.map(({ etag }) => etag), pieces.map(({ key }) => key)]))
    .digest("hex")

function begunOf(key: string): Pick<State, "multipart" | "partSize"> | undefined {
  const [, partSize, multipart] = /\/begun-(\d+)-(.*)$/.exec(key) ?? []
  return multipart === undefined
    ? undefined
    : { multipart: Buffer.from(multipart, "base64url").toString(), partSize: Number(partSize) }
}

function pieceOf(key: string): Piece | undefined {
  const [, start, end, sha256, after] =
    /\/piece-(\d+)-(\d+)-[0-9a-f]+(?:-([0-9a-f]{64})-([0-9a-f]{64}))?$/.exec(key) ?? []
  return start === undefined ? undefined : { key, start: Number(start), end: Number(end), sha256, after }
}

/**
 * The pieces that reach furthest from a position without a gap. There are alternatives only if two servers received the
 * same bytes.
 */
function longestChain(pieces: Piece[], from: number): Piece[] {
  const best = new Map<number, { reach: number; piece: Piece }>()
  const backwards = pieces
    .filter(({ start, end }) => start >= from && end > start)
    .toSorted((a, b) => b.start - a.start || (a.key < b.key ? -1 : 1))
  for (const piece of backwards) {
    const reach = best.get(piece.end)?.reach ?? piece.end
    if (reach > (best.get(piece.start)?.reach ?? -1)) best.set(piece.start, { reach, piece })
  }
  const chain: Piece[] = []
  for (let next = best.get(from); next; next = best.get(next.piece.end)) chain.push(next.piece)
  return chain
}

async function hashOf(source: Readable, algorithm: Algorithm): Promise<Hash> {
  const hash = createHash(algorithm)
  for await (const chunk of source) hash.update(chunk as Buffer)
  return hash
}
