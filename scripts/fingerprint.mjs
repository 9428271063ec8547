// Detects whether sources have changed since the last build.
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

/**
 * Every file with its modification time, one per line. Tests are left out, because no page contains them.
 * @param {string[]} paths
 */
export function fingerprintOf(paths) {
  return paths.map(linesOf).join("")
}

function linesOf(path) {
  const entry = statSync(path, { throwIfNoEntry: false })
  if (entry?.isDirectory()) return fingerprintOf(readdirSync(path).map((name) => join(path, name)))
  return entry && !/\.test\.tsx?$/.test(path) ? `${path} ${entry.mtimeMs}\n` : ""
}
