import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { createGunzip } from "node:zlib"

import { readDataUrl } from "@/lib/files/data-url"
import { openInputFile, orderFiles } from "@/lib/files/input"
import { asProblem } from "@/lib/problem"

/** The findings for an input file of a training. */
export type DataCheck = {
  /** Its path in the input. */
  field: string
  /** Findings as sentences, most important first. */
  facts: string[]
  /** Why it cannot be used for training. */
  problem: string | null
}

/** Limit of what is unpacked from an archive. */
const unpackedLimit = 512 * 1024 * 1024
/** Limit of a zip's central directory, enough for about forty thousand files. */
const tailLimit = 4 * 1024 * 1024
const csvLimit = 32 * 1024 * 1024

/**
 * Checks the files of an input before a training costs anything: archives must open, and table rows must be complete. `paths` says where the files
 * are. Files on other hosts are only downloaded when the training runs.
 */
export async function checkData(
  owner_id: number,
  input: Record<string, unknown>,
  paths: string[],
): Promise<DataCheck[]> {
  const own = await orderFiles(owner_id, input, paths, "internet")
  const checks: DataCheck[] = []
  for (const field of paths) {
    const address = field.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], input)
    if (typeof address !== "string") continue
    const data = /^data:/i.test(address) ? readDataUrl(address) : undefined
    if (!data && !own[address]) {
      checks.push({
        field,
        facts: ["It is on another host and will be downloaded when the training runs."],
        problem: null,
      })
      continue
    }
    try {
      const { name, body } = data ?? (await openInputFile({ owner_id, input }, address))
      checks.push({ field, ...(await look(name, body)) })
    } catch (error) {
      checks.push({ field, facts: [], problem: asProblem(error).detail })
    }
  }
  return checks
}

async function look(name: string, body: Readable): Promise<Omit<DataCheck, "field">> {
  const hash = createHash("sha256")
  let size = 0
  async function* measured() {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  const chunks = measured()
  const { value: first = Buffer.alloc(0) } = (await chunks.next()) as { value?: Buffer }
  async function* whole() {
    yield first
    yield* chunks
  }
  const found = await contentsOf(name, first, whole())
  // The checksum covers the rest of the file as well.
  for await (const _ of chunks);
  return {
    facts: [...found.facts, `${inBytes(size)}, SHA-256 ${hash.digest("hex")}`],
    problem: size === 0 ? "The file is empty." : found.problem,
  }
}

type Found = { facts: string[]; problem: string | null }
type Chunks = AsyncIterable<Buffer>

async function contentsOf(name: string, first: Buffer, chunks: Chunks): Promise<Found> {
  const kind = name.toLowerCase()
  if (first.subarray(0, 2).toString("latin1") === "PK" || kind.endsWith(".zip")) return zip(chunks)
  if (first[0] === 0x1f && first[1] === 0x8b) return unpacked(chunks)
  if (first.subarray(257, 262).toString("latin1") === "ustar" || kind.endsWith(".tar")) return tar(chunks)
  if (kind.endsWith(".csv")) return csv(chunks)
  if (kind.endsWith(".jsonl")) return jsonLines(chunks)
  return { facts: [], problem: null }
}

async function unpacked(chunks: Chunks): Promise<Found> {
  const plain = Readable.from(chunks)
    .on("error", () => {})
    .pipe(createGunzip())
  try {
    return await tar(plain)
  } catch {
    return { facts: [], problem: "The archive is damaged: it cannot be unpacked." }
  }
}

/** Reads the central directory, at the end of the zip. */
async function zip(chunks: Chunks): Promise<Found> {
  let tail = Buffer.alloc(0)
  for await (const chunk of chunks) {
    tail = Buffer.concat([tail, chunk])
    if (tail.length > tailLimit * 2) tail = Buffer.from(tail.subarray(-tailLimit))
  }
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

type Entry = { name: string; size: number }

async function tar(chunks: Chunks): Promise<Found> {
  const files: Entry[] = []
  let waiting = Buffer.alloc(0)
  let skip = 0
  let seen = 0
  for await (const chunk of chunks) {
    seen += chunk.length
    if (seen > unpackedLimit) return described("A tar archive; only its beginning was checked", files)
    if (skip >= chunk.length) {
      skip -= chunk.length
      continue
    }
    waiting = Buffer.concat([waiting, chunk.subarray(skip)])
    skip = 0
    while (waiting.length >= 512) {
      const header = waiting.subarray(0, 512)
      if (header.every((byte) => byte === 0)) {
        waiting = waiting.subarray(512)
        continue
      }
      const size = parseInt(header.toString("latin1", 124, 136), 8)
      if (!isTarHeader(header) || !Number.isFinite(size))
        return { facts: [], problem: "The file is no tar archive, or a damaged one." }
      const type = header.toString("latin1", 156, 157)
      const prefix = header.toString("utf8", 345, 500).replace(/\0.*$/s, "")
      const name = header.toString("utf8", 0, 100).replace(/\0.*$/s, "")
      if (type === "0" || type === "\0") files.push({ name: prefix ? `${prefix}/${name}` : name, size })
      const whole = 512 + Math.ceil(size / 512) * 512
      skip = Math.max(0, whole - waiting.length)
      waiting = Buffer.from(waiting.subarray(whole))
    }
  }
  if (skip > 0 || waiting.length > 0) return { facts: [], problem: "The archive ends in the middle of a file." }
  return described("A tar archive", files)
}

/** Verifies the checksum in the header. */
function isTarHeader(header: Buffer): boolean {
  const told = parseInt(header.toString("latin1", 148, 156), 8)
  let sum = 8 * 32
  for (let n = 0; n < 512; n++) if (n < 148 || n >= 156) sum += header[n]!
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
  const empty = pictures.filter(({ size }) => size === 0).map(({ name }) => name)
  return {
    facts: [
      `${what} of ${counted(files.length, "file")}, ${inBytes(bytes)} unpacked`,
      ...(pictures.length > 0 ? [`${counted(pictures.length, "picture")}, ${captioned} with a caption`] : []),
      ...(empty.length > 0 ? [`Empty: ${empty.slice(0, 5).join(", ")}`] : []),
    ],
    problem: files.length === 0 ? "There is no file in the archive." : null,
  }
}

const stem = (name: string) => name.replace(/\.[^./]+$/, "")

async function textOf(chunks: Chunks): Promise<{ text: string; cut: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    if (size + chunk.length > csvLimit) return { text: Buffer.concat(parts).toString("utf8"), cut: true }
    parts.push(Buffer.from(chunk))
    size += chunk.length
  }
  return { text: Buffer.concat(parts).toString("utf8"), cut: false }
}

async function csv(chunks: Chunks): Promise<Found> {
  const { text, cut } = await textOf(chunks)
  const rows = rowsOf(text.replace(/^\uFEFF/, ""))
  if (cut) rows.pop()
  const [header, ...rest] = rows
  if (!header || (header.length === 1 && header[0] === "")) return { facts: [], problem: "The file is empty." }
  const filled = rest.filter((row) => row.length > 1 || row[0] !== "")
  const uneven = filled.findIndex((row) => row.length !== header.length)
  return {
    facts: [
      `A CSV file of ${cut ? "at least " : ""}${counted(filled.length, "row")} with the columns ${header.map((name) => name.trim().slice(0, 60)).join(", ")}`,
      ...labelFacts(header, filled),
      ...(uneven < 0
        ? []
        : [`Row ${uneven + 2} has ${counted(filled[uneven]!.length, "column")}, not ${header.length}`]),
    ],
    problem: filled.length === 0 ? "There is no row below the first, which names the columns." : null,
  }
}

/** Counts the rows per label, if there is a label column. */
function labelFacts(header: string[], rows: string[][]): string[] {
  const column = header.findIndex((name) => name.trim().toLowerCase() === "label")
  if (column < 0 || rows.length === 0) return []
  const counts = new Map<string, number>()
  for (const row of rows) {
    const label = row[column]?.trim()
    if (label) counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10)
  return [
    `${counted(counts.size, "label")}: ${most.map(([label, count]) => `${label.slice(0, 40)} (${count})`).join(", ")}${counts.size > 10 ? ", …" : ""}`,
  ]
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = []
  let [row, cell, quoted] = [[] as string[], "", false]
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (letter === '"' && cell === "") quoted = true
    else if (letter === ",") {
      row.push(cell)
      cell = ""
    } else if (letter === "\n") {
      rows.push([...row, cell.replace(/\r$/, "")])
      ;[row, cell] = [[], ""]
    } else cell += letter
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell])
  return rows
}

async function jsonLines(chunks: Chunks): Promise<Found> {
  const { text, cut } = await textOf(chunks)
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  if (cut) lines.pop()
  const broken = lines.findIndex((line) => !isJson(line))
  return {
    facts: [`${cut ? "At least " : ""}${counted(lines.length, "line")} of JSON`],
    problem:
      lines.length === 0
        ? "There is no line in the file."
        : broken < 0
          ? null
          : `Line ${broken + 1} is not valid JSON.`,
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const counted = (count: number, one: string) => `${count.toLocaleString("en-US")} ${one}${count === 1 ? "" : "s"}`

const inBytes = (bytes: number) =>
  bytes < 1e3
    ? counted(bytes, "byte")
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
