import { pipeline, Readable } from "node:stream"
import { createGunzip } from "node:zlib"

import { counted, inBytes, type Chunks, type Found } from "./findings"

// Archives are untrusted: memory is bounded, whatever sizes they declare.

/** The maximum unpacked size of an archive that is read. */
const unpackedLimit = 512 * 1024 * 1024
/** Limit of a zip's central directory, enough for about forty thousand files. */
const tailLimit = 4 * 1024 * 1024
/** Limit of files that are counted. */
const maxFiles = 100_000
const block = 512

type Entry = { name: string; size: number }

/** Checks a gzipped tar archive. */
export async function readTarGz(chunks: Chunks): Promise<Found> {
  const plain = pipeline(Readable.from(chunks), createGunzip(), () => {})
  try {
    return await readTar(plain)
  } catch {
    return { facts: [], problem: "The archive is damaged: it cannot be unpacked." }
  }
}

/** Checks a zip archive by its central directory, which is at its end. */
export async function readZip(chunks: Chunks): Promise<Found> {
  const tail = await endOf(chunks, tailLimit)
  const end = tail.lastIndexOf("PK\u0005\u0006", undefined, "latin1")
  if (end < 0 || end + 22 > tail.length)
    return { facts: [], problem: "The archive is damaged: its central directory is missing. Create it again." }
  const files: Entry[] = []
  const [count, length] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12)]
  let at = end - length
  if (at < 0 || count === 0xffff) return { facts: ["A zip archive with too many files to count."], problem: null }
  for (let n = 0; n < count; n++) {
    if (at + 46 > end || tail.toString("latin1", at, at + 4) !== "PK\u0001\u0002")
      return { facts: [], problem: "The archive is damaged: its central directory is unreadable. Create it again." }
    const [packed, size, named] = [tail.readUInt32LE(at + 20), tail.readUInt32LE(at + 24), tail.readUInt16LE(at + 28)]
    if (tail.readUInt16LE(at + 8) & 1)
      return { facts: [], problem: "The archive is encrypted. Make one without a password." }
    files.push({ name: tail.toString("utf8", at + 46, at + 46 + named), size: size || packed })
    at += 46 + named + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32)
  }
  return described("A zip archive", files)
}

/** At least the last `length` bytes, if there are as many. */
async function endOf(chunks: Chunks, length: number): Promise<Buffer> {
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    kept.push(chunk)
    size += chunk.length
    while (size - kept[0]!.length >= length) size -= kept.shift()!.length
  }
  return Buffer.concat(kept)
}

/** Checks a tar archive. */
export async function readTar(chunks: Chunks): Promise<Found> {
  const files: Entry[] = []
  let rest = Buffer.alloc(0)
  let skip = 0
  let seen = 0
  for await (const chunk of chunks) {
    seen += chunk.length
    if (seen > unpackedLimit || files.length > maxFiles)
      return described("A tar archive; only its beginning was checked", files)
    if (skip >= chunk.length) {
      skip -= chunk.length
      continue
    }
    // `rest` is the end of the previous chunk, less than a block.
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = skip
    while (at + block <= bytes.length) {
      const header = bytes.subarray(at, at + block)
      at += block
      if (header.every((byte) => byte === 0)) continue
      const size = sizeIn(header)
      if (!isTarHeader(header) || !(size >= 0)) return { facts: [], problem: "The file is not a valid tar archive." }
      const type = header.toString("latin1", 156, 157)
      if (type === "0" || type === "\0") files.push({ name: nameIn(header), size })
      at += Math.ceil(size / block) * block
    }
    skip = Math.max(0, at - bytes.length)
    rest = Buffer.from(bytes.subarray(at))
  }
  if (skip > 0 || rest.length > 0) return { facts: [], problem: "The archive ends in the middle of a file." }
  return described("A tar archive", files)
}

/** The size of an entry: octal digits, or binary if they are too few; NaN if it is neither. */
function sizeIn(header: Buffer): number {
  if (header[124] === 0x80) return Number(header.readBigUInt64BE(128))
  return parseInt(/^ *([0-7]+)(?:[ \0]|$)/.exec(header.toString("latin1", 124, 136))?.[1] ?? "", 8)
}

function nameIn(header: Buffer): string {
  const prefix = header.toString("utf8", 345, 500).replace(/\0.*$/s, "")
  const name = header.toString("utf8", 0, 100).replace(/\0.*$/s, "")
  return prefix ? `${prefix}/${name}` : name
}

/** Verifies the checksum in the header. */
function isTarHeader(header: Buffer): boolean {
  const told = parseInt(header.toString("latin1", 148, 156), 8)
  let sum = 8 * 32
  for (let n = 0; n < block; n++) if (n < 148 || n >= 156) sum += header[n]!
  return told === sum
}

const isPicture = (name: string) => /\.(png|jpe?g|webp|gif|bmp)$/i.test(name)

function described(what: string, entries: Entry[]): Found {
  // Metadata that operating systems add to archives is not data.
  const files = entries.filter(({ name }) => !name.endsWith("/") && !/(^|\/)(__MACOSX|\.DS_Store|\._)/.test(name))
  const pictures = files.filter(({ name }) => isPicture(name))
  const texts = new Set(files.filter(({ name }) => /\.txt$/i.test(name)).map(({ name }) => stem(name)))
  const captioned = pictures.filter(({ name }) => texts.has(stem(name))).length
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const empty = pictures.filter(({ size }) => size === 0).map(({ name }) => name.slice(0, 100))
  return {
    facts: [
      `${what} of ${counted(files.length, "file")}, ${inBytes(bytes)} unpacked`,
      ...(pictures.length > 0 ? [`${counted(pictures.length, "picture")}, ${captioned} with a caption`] : []),
      ...(empty.length > 0 ? [`Empty: ${empty.slice(0, 5).join(", ")}`] : []),
    ],
    problem: files.length === 0 ? "The archive is empty." : null,
  }
}

/** A file's path without its extension. Names of zips may have 65,535 characters. */
function stem(name: string): string {
  const dot = name.lastIndexOf(".")
  return dot > name.lastIndexOf("/") ? name.slice(0, dot) : name
}
