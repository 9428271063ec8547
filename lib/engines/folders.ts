import { createHash } from "node:crypto"
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"

import { makeFolderSync } from "@/db/data-folder"

/** The user ID of untrusted programs if the server is root: `nobody`, which owns nothing. */
export const nobody = 65534

export type RunFolders = {
  /** State that must survive a restart; private. */
  state: string
  /** Sockets of instances, each in its own folder; others may traverse it. */
  sockets: string
}

/** The maximum length of the folder: a socket path has at most 107 bytes, including an ID and a name. */
const longest = 107 - "/01234567890123456789012345/callback.sock".length

/**
 * Creates the folders of running instances in the data folder; the one for sockets in a system folder if its path is
 * too long or models cannot reach it. Throws if none is suitable.
 */
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

/** Whether models can reach a folder: as `nobody` if the server is root, otherwise as the server's user. */
export function isReachable(folder: string): boolean {
  if (!existsSync(folder)) return false
  if (process.getuid?.() !== 0) return true
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}

/** Makes a folder that others may traverse. The server's umask forbids it, so the mode is set afterwards. */
function makePassable(path: string) {
  makeFolderSync(path)
  chmodSync(path, 0o711)
}

/** Creates a folder. False if it belongs to somebody else, which is possible in a world-writable folder. */
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

/** Makes the socket folder of one instance, writable by its model and unreadable to others. */
export function socketFolder(sockets: string, id: string): string {
  const folder = join(sockets, id)
  makeFolderSync(folder)
  if (process.getuid?.() === 0) chownSync(folder, nobody, nobody)
  return folder
}

/** Removes the folders if no instance is left in them. */
export function removeUnusedFolders({ sockets }: RunFolders): void {
  const ours = new Set([probe, "relay.mjs"])
  try {
    if (readdirSync(sockets).every((name) => ours.has(name))) rmSync(sockets, { recursive: true, force: true })
  } catch {
    // Already removed.
  }
}

/** The name of a folder for probing. */
export const probe = "probe"
