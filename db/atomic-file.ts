import { randomUUID } from "node:crypto"
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { open, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"

import { makeFolder, makeFolderSync } from "./data-folder"

// Every file that is written in one piece goes through here: it appears under its name complete, or not at all.

/** A name to write `file` under first. It is unique, because two processes may write the same file at once. */
export const partialOf = (file: string): string => `${file}.${randomUUID()}.partial`

/** Moves a complete file to its name, creating the folder. It survives a power failure from then on. */
export async function moveIntoPlace(partial: string, file: string): Promise<void> {
  const created = await makeFolder(path.dirname(file))
  await sync(partial)
  await rename(partial, file)
  await sync(path.dirname(file))
  if (created) await sync(path.dirname(created))
}

/** Writes or replaces a file that only we may read. */
export async function writeFileAtomic(file: string, content: string | Buffer): Promise<void> {
  await makeFolder(path.dirname(file))
  const partial = partialOf(file)
  try {
    await writeFile(partial, content, { mode: 0o600, flag: "wx" })
    await moveIntoPlace(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/** Replaces a file at once. Readers find the old or the new content; after a power failure, either. */
export function replaceFileSync(file: string, content: string): void {
  const partial = partialOf(file)
  try {
    writeFileSync(partial, content, { mode: 0o600, flag: "wx" })
    renameSync(partial, file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

/** Writes a file unless there is one already, which stays as it is: of several processes, one wins. */
export function createFileAtomicSync(file: string, content: string): void {
  makeFolderSync(path.dirname(file))
  const partial = partialOf(file)
  try {
    writeFileSync(partial, content, { mode: 0o600, flag: "wx", flush: true })
    linkOrCopy(partial, file)
    syncSync(path.dirname(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  } finally {
    rmSync(partial, { force: true })
  }
}

function linkOrCopy(partial: string, file: string) {
  try {
    linkSync(partial, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error
    // Not every file system has links.
    copyFileSync(partial, file, constants.COPYFILE_EXCL)
  }
}

async function sync(file: string) {
  const handle = await open(file, "r")
  await handle.sync().finally(() => handle.close())
}

function syncSync(file: string) {
  const handle = openSync(file, "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
