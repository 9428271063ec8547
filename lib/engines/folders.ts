import { createHash } from "node:crypto"
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"

import { makeFolderSync } from "@/db/data-folder"
import { log } from "@/lib/log"

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
  const candidates = [inside, ...systemFolders().map((folder) => join(folder, nameFor(realpathSync(data))))]
  const sockets = candidates.find((path) => path.length <= longest && isReachable(dirname(path)) && make(path))
  if (!sockets)
    throw new Error(`There is no folder for the sockets of models: ${candidates.join(", ")} cannot be used.`)
  if (sockets !== inside) noteOwner(sockets, realpathSync(data))
  return { state, sockets }
}

const systemFolders = () => [...(process.getuid?.() === 0 ? ["/run"] : []), tmpdir()]

const nameFor = (data: string) => `understudy-${createHash("sha256").update(data).digest("hex").slice(0, 12)}`

/** The file in which a folder outside of its data folder says which one that is. */
const owner = "data-folder"

/** Without the note, on a full disk, the folder merely stays. */
function noteOwner(sockets: string, data: string) {
  try {
    writeFileSync(join(sockets, owner), data)
  } catch (error) {
    log("warn", "a folder for sockets does not say whose it is", { error, folder: sockets })
  }
}

/**
 * Removes the folders for sockets of data folders that were deleted. One in which a program still listens is kept: its
 * data folder may be on a disk that is not mounted at the moment.
 */
export async function removeAbandonedFolders(): Promise<void> {
  for (const parent of systemFolders())
    for (const name of readdirSync(parent).filter((one) => /^understudy-[0-9a-f]{12}$/.test(one))) {
      const folder = join(parent, name)
      try {
        if (lstatSync(folder).uid !== process.getuid?.()) continue
        const data = readFileSync(join(folder, owner), "utf8")
        if (nameFor(data) !== name || existsSync(data) || (await hasListener(folder))) continue
        rmSync(folder, { recursive: true, force: true })
      } catch {
        // It does not say whose it is, or another server has just removed it.
      }
    }
}

async function hasListener(folder: string): Promise<boolean> {
  const sockets = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSocket())
  const listening = await Promise.all(sockets.map(({ parentPath, name }) => isListening(join(parentPath, name))))
  return listening.includes(true)
}

const isListening = (path: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      resolve(true)
      socket.destroy()
    })
    // Any other error does not prove that nobody listens.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"))
  })

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
  const ours = new Set([probe, owner, "relay.mjs"])
  try {
    if (readdirSync(sockets).every((name) => ours.has(name))) rmSync(sockets, { recursive: true, force: true })
  } catch {
    // Already removed.
  }
}

/** The name of a folder for probing. */
export const probe = "probe"
