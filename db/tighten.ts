import "server-only"

import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs"
import path from "node:path"

/** Models under other accounts need access to the sockets in this folder; its entries have their own modes. */
const passable = new Set(["run"])

/** The entries of a data folder that other users of this machine could read if they can enter it. */
export function openToOthers(folder: string): string[] {
  if (process.platform === "win32" || !existsSync(folder)) return []
  return readdirSync(folder).filter((name) => {
    const found = lstatSync(path.join(folder, name), { throwIfNoEntry: false })
    return found && !found.isSymbolicLink() && !passable.has(name) && (found.mode & 0o077) !== 0
  })
}

/**
 * Restricts the entries of the data folder to their owner, as for new ones. Returns the names that others could read;
 * `refused` are those of another owner.
 */
export function tightenDataFolder(folder: string): { tightened: string[]; refused: string[] } {
  const outcome = { tightened: [] as string[], refused: [] as string[] }
  for (const name of openToOthers(folder)) {
    const entry = path.join(folder, name)
    try {
      chmodSync(entry, lstatSync(entry).mode & 0o700)
      outcome.tightened.push(name)
    } catch {
      outcome.refused.push(name)
    }
  }
  return outcome
}
