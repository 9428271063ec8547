import { mkdirSync, readdirSync, statSync } from "node:fs"
import { stat } from "node:fs/promises"
import path from "node:path"

import { env } from "@/env"

// All folders in DATA_DIR are created here: the product has no other recursive `mkdir`.

const key = Symbol.for("understudy.data-folder")
const slot = globalThis as typeof globalThis & { [key]?: string }

/**
 * Prevents DATA_DIR from being created again. If it vanishes while the server runs, its volume was unmounted: files
 * written in its place would be lost, or prevent mounting the volume again. The returned function ends this.
 */
export function holdDataFolder(): () => void {
  slot[key] = path.resolve(env.DATA_DIR)
  return () => delete slot[key]
}

/**
 * Creates a folder and its missing parents; returns the topmost that was missing. Throws `ENOENT` within a held
 * DATA_DIR that is gone, or is empty because its volume is not mounted.
 */
export function makeFolderSync(folder: string, mode = 0o700): string | undefined {
  const held = slot[key]
  const below = held && path.relative(held, path.resolve(folder))
  if (!held || below === undefined || below.startsWith("..") || path.isAbsolute(below))
    return mkdirSync(folder, { recursive: true, mode })

  let [made, at]: [string | undefined, string] = [undefined, held]
  for (const name of below.split(path.sep)) {
    const isFirst = at === held
    at = path.join(at, name)
    if (isFolder(at)) continue
    if (isFirst && readdirSync(held).length === 0) throw gone(held)
    try {
      mkdirSync(at, { mode })
      made ??= at
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isFolder(at)) throw error
    }
  }
  if (!isFolder(held)) throw gone(held)
  return made
}

/** Creates a folder if it is missing; does not block the process if it exists, which is the usual case. */
export async function makeFolder(folder: string, mode?: number): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined)
  return found?.isDirectory() ? undefined : makeFolderSync(folder, mode)
}

const isFolder = (folder: string) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false

const gone = (folder: string) =>
  Object.assign(new Error(`The data folder ${folder} is gone or empty: is its volume mounted?`), { code: "ENOENT" })
