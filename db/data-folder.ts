import { mkdirSync, readdirSync, statSync } from "node:fs"
import { stat } from "node:fs/promises"
import path from "node:path"

import { env } from "@/env"

// Every folder that is made in DATA_DIR is made here, and no other recursive `mkdir` is in the product.

const key = Symbol.for("understudy.data-folder")
const slot = globalThis as typeof globalThis & { [key]?: string }

/**
 * From now on DATA_DIR is not made again. When it vanishes while we serve, its volume was taken away: what we would
 * write in its place would be lost, or in the way when the volume comes back. The returned function ends this.
 */
export function holdDataFolder(): () => void {
  slot[key] = path.resolve(env.DATA_DIR)
  return () => delete slot[key]
}

/**
 * Makes a folder and those above it, and returns the topmost that was missing. Within a DATA_DIR that is held it throws
 * `ENOENT` when DATA_DIR is gone or empty, as the folder is that a volume was mounted on.
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
