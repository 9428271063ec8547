// `npm run e2e`: builds if stale, then runs Playwright. Arguments go to Playwright (`npm run e2e -- --headed create`).
import { runBrowserTests } from "./browser-tests.mjs"
import { buildIfStale } from "./build.mjs"
import { prepare } from "./prepare.mjs"
import { ensureChromium } from "./system.mjs"

await prepare()

const chromium = await ensureChromium()
if (!chromium) {
  console.error("There is no Chromium to test with: set CHROMIUM_PATH to one.")
  process.exit(1)
}
const build = await buildIfStale()
const tests = build.code === 0 ? await runBrowserTests({ chromium, args: process.argv.slice(2) }) : build
process.exitCode = tests.code
