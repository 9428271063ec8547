import "server-only"

import { createHash } from "node:crypto"
import { createReadStream, createWriteStream, existsSync } from "node:fs"
import { readdir, rm } from "node:fs/promises"
import path from "node:path"
import { pipeline } from "node:stream/promises"
import type Database from "better-sqlite3"

import { env } from "@/env"
import { databaseHandle } from "."
import { moveIntoPlace, partialOf } from "./atomic-file"
import { makeFolder } from "./data-folder"

/**
 * The files of an installation besides its database. They are named after their content and never change, so a folder
 * of copies serves any number of backups, and existing copies need not be copied again.
 */
const folders = {
  uploads: { algorithm: () => "sha256", digest: (file: string) => /^[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(file)?.[1] },
  "registry/blobs": {
    algorithm: (file: string) => file.split("/")[0]!,
    digest: (file: string) => /^sha(?:256|512)\/[0-9a-f]{2}\/([0-9a-f]{64,128})-[0-9a-f]+$/.exec(file)?.[1],
  },
  files: {
    algorithm: () => "sha256",
    digest: (file: string) => /^[0-9a-z]{2}\/[0-9a-z]{26}-([0-9a-f]{64})$/.exec(file)?.[1],
  },
}
type Folder = keyof typeof folders

export type FileDigest = { algorithm: string; hex: string }

/** The digest in the name of a file, such as `uploads/ab/…`; undefined for other names. */
export function digestIn(name: string): FileDigest | undefined {
  const folder = (Object.keys(folders) as Folder[]).find((folder) => name.startsWith(`${folder}/`))
  if (!folder) return undefined
  const file = name.slice(folder.length + 1)
  const hex = folders[folder].digest(file)
  return hex === undefined ? undefined : { algorithm: folders[folder].algorithm(file), hex }
}

/** The result of a copy. `damaged` are files whose content does not match their name; they are not copied. */
export type Copied = { files: number; bytes: number; damaged: string[] }

/**
 * Copies new files to the target folder and verifies them while copying. Each appears complete or not at all. Most
 * files of predictions expire within the hour, so with `named`, only those it lists are copied. `compared` also
 * verifies the files already in the target folder, and replaces damaged ones.
 */
export async function copyFiles(
  from: string,
  to: string,
  named?: string[],
  { compared = false } = {},
): Promise<Copied> {
  const wanted = named && new Set(named)
  const copied: Copied = { files: 0, bytes: 0, damaged: [] }
  for (const folder of Object.keys(folders) as Folder[])
    for (const file of await list(path.join(from, folder))) {
      const digest = folders[folder].digest(file)
      const name = path.join(folder, file)
      if (!digest || (folder === "files" && wanted?.has(name) === false)) continue
      const isThere = existsSync(path.join(to, name))
      if (isThere && !(compared && (await isDamaged(to, name)))) continue
      const bytes = await copy(path.join(from, name), path.join(to, name), folders[folder].algorithm(file), digest)
      if (bytes === "damaged") copied.damaged.push(name)
      else if (bytes !== "gone") {
        copied.files++
        copied.bytes += bytes
      }
    }
  return copied
}

/** The named files in a folder whose content does not match their name. */
export async function damagedIn(folder: string, names: string[]): Promise<string[]> {
  const damaged: string[] = []
  for (const name of names)
    if (existsSync(path.join(folder, name)) && (await isDamaged(folder, name))) damaged.push(name)
  return damaged
}

async function isDamaged(folder: string, name: string): Promise<boolean> {
  const digest = digestIn(name)
  if (!digest) return false
  return (
    (await digestOf(digest.algorithm, createReadStream(path.join(folder, name), { highWaterMark: 1 << 20 }))) !==
    digest.hex
  )
}

/** The digest of a stream, in hex. */
export async function digestOf(
  algorithm: string,
  content: AsyncIterable<Buffer>,
  onBytes?: (count: number) => void,
): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of content) {
    hash.update(chunk)
    onBytes?.(chunk.length)
  }
  return hash.digest("hex")
}

const list = async (root: string) =>
  (await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))

/** "gone" for a file that was deleted meanwhile: nothing refers to it any more. */
async function copy(from: string, to: string, algorithm: string, digest: string): Promise<number | "gone" | "damaged"> {
  const partial = partialOf(to)
  await makeFolder(path.dirname(to))
  const hash = createHash(algorithm)
  let bytes = 0
  try {
    await pipeline(
      createReadStream(from, { highWaterMark: 1 << 20 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          bytes += chunk.length
          yield chunk
        }
      },
      createWriteStream(partial, { mode: 0o600 }),
    )
    if (hash.digest("hex") !== digest) return "damaged"
    await moveIntoPlace(partial, to)
    return bytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && !existsSync(from)) return "gone"
    throw error
  } finally {
    await rm(partial, { force: true })
  }
}

/** The files that a SQLite database refers to, or else the current database, except those that expire within a day. */
export async function filesNamedBy(sqlite?: Database.Database): Promise<string[]> {
  const tomorrow = new Date(Date.now() + 24 * 3600 * 1000).toISOString()
  const blobs = "select file as name from blobs"
  const covers = "select distinct cover_upload as name from models where cover_upload is not null"
  const made = `select f.stored_as as name from files f join predictions p on p.number = f.prediction where p.completed_at is not null and (p.expires_at is null or p.expires_at > '${tomorrow}')`
  const ask = async (query: string): Promise<string[]> => {
    const rows = sqlite
      ? (sqlite.prepare(query).all() as { name: string }[])
      : await databaseHandle().pg!.unsafe<{ name: string }[]>(query)
    return rows.map(({ name }) => name)
  }
  return [
    ...(await ask(blobs)).map((file) => path.join("registry/blobs", file)),
    ...(await ask(covers)).map((hash) => path.join("uploads", hash.slice(0, 2), hash)),
    // Backups of older releases have no predictions.
    ...(sqlite && !sqlite.prepare("select 1 from sqlite_master where name = 'files'").get() ? [] : await ask(made)).map(
      (stored_as) => path.join("files", stored_as),
    ),
  ]
}

/** The files that are in none of the folders. */
export const missingFrom = (files: string[], ...places: string[]): string[] =>
  files.filter((file) => !places.some((place) => existsSync(path.join(place, file))))

/** The folder of this installation's files. */
export const ownFiles = () => path.resolve(env.DATA_DIR)
