// Folders that are removed when this process ends, however it ends.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs"
import { freemem, tmpdir } from "node:os"
import { join } from "node:path"

/** @param {string} purpose */
export const temporaryFolder = (purpose) => removedAtTheEnd(join(tmpdir(), `understudy-${purpose}-`))

const memory = "/dev/shm"

/**
 * A folder for the temporary files of tests, which write gigabytes and need none of them later: in memory, or where
 * temporary files usually are if there is too little of it, or programs cannot run from there. Its name is short,
 * because those of sockets below it have a limit.
 */
export function folderForTests() {
  const folder = removedAtTheEnd(join(hasRoom() ? memory : tmpdir(), "us-"))
  // PostgreSQL runs as another account.
  chmodSync(folder, 0o711)
  return folder
}

function hasRoom() {
  try {
    const mounted = /^\S+ \/dev\/shm tmpfs (\S+)/m.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1]
    const { bavail, bsize } = statfsSync(memory)
    return (
      mounted !== undefined && !mounted.includes("noexec") && Math.min(bavail * bsize, freemem() / 2) >= 4 * 2 ** 30
    )
  } catch {
    return false
  }
}

/** @param {string} prefix */
function removedAtTheEnd(prefix) {
  const folder = mkdtempSync(prefix)
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
