import { createHash } from "node:crypto"
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"

import { makeFolderSync } from "@/db/data-folder"

/** Who runs what is not trusted, where we are root: `nobody`, who owns nothing. */
export const nobody = 65534

export type RunFolders = {
  /** What has to be found again after a restart. Nobody else reads it. */
  state: string
  /** Sockets of instances, each in a folder of its own. Others may pass through. */
  sockets: string
}

/** The longest path of a unix socket is 107 bytes; below the folder of sockets comes an id and a name. */
const longest = 107 - "/01234567890123456789012345/callback.sock".length

/** Where running instances are kept: in the data folder, or, where sockets cannot be in there, beside it in a folder of the system. */
export function runFolders(dataDir: string): RunFolders {
  const data = resolve(dataDir)
  const state = join(data, "run")
  makePassable(state)
  const inside = join(realpathSync(state), "sockets")
  const name = `understudy-${createHash("sha256").update(realpathSync(data)).digest("hex").slice(0, 12)}`
  const candidates = [inside, ...(process.getuid?.() === 0 ? [join("/run", name)] : []), join(tmpdir(), name)]
  const sockets = candidates.find((path) => path.length <= longest && isReachable(dirname(path)) && make(path))
  if (!sockets)
    throw new Error(`There is no folder for the sockets of models: ${candidates.join(", ")} cannot be used.`)
  return { state, sockets }
}

/** Whether an account that owns nothing gets through to a folder. Where we are not root, models run as we do. */
export function isReachable(folder: string): boolean {
  if (!existsSync(folder)) return false
  if (process.getuid?.() !== 0) return true
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}

/** Makes a folder that others may pass through. The server's umask lets nobody, so the mode is set afterwards. */
function makePassable(path: string) {
  makeFolderSync(path)
  chmodSync(path, 0o711)
}

/** In a folder that everybody may write to, what is there already may be somebody else's. */
function make(path: string) {
  try {
    makeFolderSync(path, 0o711)
    const found = lstatSync(path)
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false
    chmodSync(path, 0o711)
    return true
  } catch {
    return false
  }
}

/** Makes the folder of one instance's sockets, which its model may write to and others may not look into. */
export function socketFolder(sockets: string, id: string): string {
  const folder = join(sockets, id)
  makeFolderSync(folder)
  if (process.getuid?.() === 0) chownSync(folder, nobody, nobody)
  return folder
}

/** Leaves no folder behind that holds nothing of an instance. */
export function tidyFolders({ sockets }: RunFolders): void {
  const ours = new Set([probe, "relay.mjs"])
  try {
    if (readdirSync(sockets).every((name) => ours.has(name))) rmSync(sockets, { recursive: true, force: true })
  } catch {
    // It is gone already.
  }
}

/** The name of a folder in which it is tried what works here. */
export const probe = "probe"
