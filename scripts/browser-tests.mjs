// Runs Playwright against a separate server: a free port, a new data folder, no .env.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { blankEnvFile } from "./env-file.mjs"
import { freePort } from "./postgres.mjs"
import { run } from "./run.mjs"
import { temporaryFolder } from "./temporary-folder.mjs"

/**
 * @param {{ chromium: { shell: string, browser: string }, args?: string[], capture?: boolean, results?: string }}
 * options `results` is a file for Playwright's JSON report
 */
export async function runBrowserTests({ chromium, args = [], capture = false, results }) {
  const traces = temporaryFolder("e2e-traces")
  const env = {
    ...blankEnvFile(),
    DATABASE_URL: "",
    CHROMIUM_PATH: chromium.shell,
    CHROMIUM_BROWSER_PATH: chromium.browser,
    E2E_BASE_URL: `http://127.0.0.1:${await freePort()}`,
    E2E_DATA_DIR: temporaryFolder("e2e"),
    E2E_LOG: join(traces, "log"),
    E2E_SECRETS: join(traces, "secrets"),
    E2E_RESULTS: results,
    // Servers and scripts start faster with what others have compiled.
    NODE_COMPILE_CACHE: temporaryFolder("e2e-compiled"),
  }
  const outcome = await run(process.execPath, ["node_modules/@playwright/test/cli.js", "test", ...args], {
    capture,
    env,
  })
  if (outcome.code === 0 || !existsSync(env.E2E_LOG)) return outcome
  const said = complaintsIn(readFileSync(env.E2E_LOG, "utf8"))
  if (!capture && said) console.log(said)
  return { ...outcome, output: outcome.output + said }
}

/** The end of the server's log, without its requests. @param {string} log */
const complaintsIn = (log) => {
  const lines = log.split("\n").filter((line) => line !== "" && !line.startsWith('{"level":"info"'))
  return lines.length > 0 ? `\nThe server said, in ${lines.length} lines:\n${lines.slice(-40).join("\n")}\n` : ""
}
