import { createHash } from "node:crypto"
import type { Readable } from "node:stream"
import { setImmediate } from "node:timers/promises"

import { secretIn, uploadIn } from "@/lib/files/address"
import { readDataUrl } from "@/lib/files/data-url"
import { openInputFile, filesToServe } from "@/lib/files/input"
import { asProblem } from "@/lib/problem"
import { readTar, readTarGz, readZip } from "./archives"
import { inBytes, type Chunks, type Found } from "./findings"
import { readCsv, readJsonLines } from "./tables"

/** The findings for an input file of a training. */
export type DataCheck = Found & {
  /** Its path in the input. */
  field: string
}

/** Limit of files that are read for an input. */
const maxFiles = 50
const pieceSize = 256 * 1024

/**
 * Checks the files of an input before a training costs anything, such as whether archives open and tables have rows.
 * `paths` says where the files are. Files on other hosts are only downloaded when the training runs.
 */
export async function checkData(
  owner_id: number,
  input: Record<string, unknown>,
  paths: string[],
): Promise<DataCheck[]> {
  const own = await filesToServe(owner_id, input, paths, "internet")
  const found = new Map<string, Found>()
  const checks: DataCheck[] = []
  for (const field of paths) {
    const address = field.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], input)
    if (typeof address !== "string") continue
    // A URL with any host may refer to a file of this installation, which is the same file.
    const file = uploadIn(address) ?? secretIn(address) ?? address
    const known = found.get(file) ?? (found.size < maxFiles ? await checkFile(owner_id, input, address, own) : tooMany)
    if (known !== tooMany) found.set(file, known)
    checks.push({ field, ...known })
  }
  return checks
}

const tooMany: Found = { facts: [`Not checked: only the first ${maxFiles} files are.`], problem: null }

async function checkFile(
  owner_id: number,
  input: Record<string, unknown>,
  address: string,
  own: Record<string, unknown>,
): Promise<Found> {
  const data = /^data:/i.test(address) ? readDataUrl(address) : undefined
  if (!data && !own[address])
    return { facts: ["It is on another host and will be downloaded when the training runs."], problem: null }
  try {
    const { name, body } = data ?? (await openInputFile({ owner_id, input }, address))
    return await look(name, body)
  } catch (error) {
    return { facts: [], problem: asProblem(error).detail }
  }
}

async function look(name: string, body: Readable): Promise<Found> {
  const hash = createHash("sha256")
  let size = 0
  async function* measured() {
    for await (const chunk of body as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; at += pieceSize) {
        const piece = chunk.subarray(at, at + pieceSize)
        hash.update(piece)
        size += piece.length
        yield piece
        // Yields to other work, even if the whole file is in memory.
        await setImmediate()
      }
  }
  const chunks = measured()
  try {
    const { value: first = Buffer.alloc(0) } = (await chunks.next()) as { value?: Buffer }
    // Not `yield*`, which would close `chunks` when a check stops early.
    async function* whole() {
      yield first
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    }
    const found = await contentsOf(name, first, whole())
    // The checksum covers the rest of the file as well.
    for await (const _ of chunks);
    return {
      facts: [...found.facts, `${inBytes(size)}, SHA-256 ${hash.digest("hex")}`],
      problem: size === 0 ? "The file is empty." : found.problem,
    }
  } finally {
    body.destroy()
  }
}

async function contentsOf(name: string, first: Buffer, chunks: Chunks): Promise<Found> {
  const kind = name.toLowerCase()
  if (first.subarray(0, 2).toString("latin1") === "PK" || kind.endsWith(".zip")) return readZip(chunks)
  if (first[0] === 0x1f && first[1] === 0x8b) return readTarGz(chunks)
  if (first.subarray(257, 262).toString("latin1") === "ustar" || kind.endsWith(".tar")) return readTar(chunks)
  if (kind.endsWith(".csv")) return readCsv(chunks)
  if (kind.endsWith(".jsonl")) return readJsonLines(chunks)
  return { facts: [], problem: null }
}
