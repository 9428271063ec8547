// Runs Playwright against a server of its own: a free port, a fresh data folder, nobody's .env.
import { blankEnvFile } from "./env-file.mjs"
import { freePort } from "./postgres.mjs"
import { run } from "./run.mjs"
import { temporaryFolder } from "./temporary-folder.mjs"

/** @param {{ chromium: string, args?: string[], capture?: boolean, results?: string }} options `results` is a file for Playwright's JSON report */
export async function runBrowserTests({ chromium, args = [], capture = false, results }) {
  const env = {
    ...blankEnvFile(),
    DATABASE_URL: "",
    CHROMIUM_PATH: chromium,
    E2E_BASE_URL: `http://127.0.0.1:${await freePort()}`,
    E2E_DATA_DIR: temporaryFolder("e2e"),
    E2E_RESULTS: results,
  }
  return run(process.execPath, ["node_modules/@playwright/test/cli.js", "test", ...args], { capture, env })
}
