import "server-only"

import { createReadStream, existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import path from "node:path"

import { writeFileAtomic } from "./atomic-file"
import { digestIn, digestOf } from "./files"

/** The file with the checksums of a backup, in the format of `sha256sum -c`. */
export const checksumsOf = (backup: string): string => `${backup}.sha256`

/** Writes the checksums of a backup and of its files in `folder`. */
export async function writeChecksums(backup: string, files: string[] = [], folder = ""): Promise<void> {
  const lines = [`${await sha256Of(backup)}  ${path.basename(backup)}`]
  for (const name of files) {
    const file = path.join(folder, name)
    if (!existsSync(file)) continue
    const named = digestIn(name)
    const digest = named?.algorithm === "sha256" ? named.hex : await sha256Of(file)
    lines.push(`${digest}  ${path.relative(path.dirname(backup), file)}`)
  }
  await writeFileAtomic(checksumsOf(backup), `${lines.join("\n")}\n`)
}

export type Checked = { files: number; bytes: number; damaged: string[]; missing: string[] }

/**
 * Compares a backup, and with `all` its files, with the checksums; null if there are none. Files are read from `folder`
 * if given, otherwise from where they were.
 */
export async function compareChecksums(
  backup: string,
  { all, folder }: { all: boolean; folder?: string },
): Promise<Checked | null> {
  const text = await readFile(checksumsOf(backup), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null
    throw error
  })
  if (text === null) return null
  const checked: Checked = { files: 0, bytes: 0, damaged: [], missing: [] }
  for (const [n, line] of text.split("\n").filter(Boolean).entries()) {
    if (n > 0 && !all) break
    const [, digest, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (digest === undefined || name === undefined) {
      checked.damaged.push(checksumsOf(backup))
      break
    }
    const file = n === 0 ? backup : placeOf(name, backup, folder)
    if (!existsSync(file)) checked.missing.push(file)
    else if ((await sha256Of(file, (bytes) => (checked.bytes += bytes))) !== digest) checked.damaged.push(file)
    else checked.files++
  }
  return checked
}

/** In `folder`, files have their names relative to the data folder. */
function placeOf(name: string, backup: string, folder: string | undefined): string {
  // The folder's own name may end with one of these words, as `files` does.
  const [, own] = /(?:^|\/)((?:uploads|files|registry\/blobs\/[^/]+)\/[^/]+\/[^/]+)$/.exec(name) ?? []
  return folder !== undefined && own !== undefined ? path.join(folder, own) : path.resolve(path.dirname(backup), name)
}

const sha256Of = (file: string, onBytes?: (count: number) => void): Promise<string> =>
  digestOf("sha256", createReadStream(file, { highWaterMark: 1 << 20 }), onBytes)
