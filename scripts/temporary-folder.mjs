// A folder that is removed when this process ends, however it ends.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** @param {string} purpose */
export function temporaryFolder(purpose) {
  const folder = mkdtempSync(join(tmpdir(), `understudy-${purpose}-`))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
