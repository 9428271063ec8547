// Runs Playwright against a server of its own: a free port, a fresh data folder, nobody's .env.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { blankEnvFile } from "./env-file.mjs"
import { freePort } from "./postgres.mjs"
import { run } from "./run.mjs"

/** @param {{ chromium: string, args?: string[], capture?: boolean, results?: string }} options `results` is a file for Playwright's JSON report */
export async function runBrowserTests({ chromium, args = [], capture = false, results }) {
  const data = mkdtempSync(join(tmpdir(), "understudy-e2e-"))
  const remove = () => rmSync(data, { recursive: true, force: true })
  process.once("exit", remove)

  const env = {
    ...blankEnvFile(),
    DATABASE_URL: "",
    CHROMIUM_PATH: chromium,
    E2E_BASE_URL: `http://127.0.0.1:${await freePort()}`,
    E2E_DATA_DIR: data,
    E2E_RESULTS: results,
  }
  const result = await run(process.execPath, ["node_modules/@playwright/test/cli.js", "test", ...args], { capture, env })
  remove()
  return result
}
