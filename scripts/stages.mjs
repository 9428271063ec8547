// The stages of `npm run check` and `npm test`: each runs, is counted and is reported in one line.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { runBrowserTests } from "./browser-tests.mjs"
import { buildIfStale } from "./build.mjs"
import { run } from "./run.mjs"
import { temporaryFolder } from "./temporary-folder.mjs"

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {Counts & { name: string, seconds: number, output: string, note?: string }} Outcome
 */

const node = (...args) => run(process.execPath, args, { capture: true })

export const types = () => stage("types", async () => {
  const generated = await node("node_modules/next/dist/bin/next", "typegen")
  return once(generated.code === 0 ? await node("node_modules/typescript/bin/tsc", "--noEmit") : generated)
})

export const lint = () => stage("lint", async () => once(await node("node_modules/oxlint/bin/oxlint", "--deny-warnings")))

export const build = () => stage("build", async () => {
  const { code, output } = await buildIfStale({ capture: true })
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0, output }
})

/** @param {"sqlite" | "postgres"} project */
export const units = (project) => stage(`tests on ${project}`, () => withReport(async (report) => {
  const { code, output } = await node(
    "node_modules/vitest/vitest.mjs", "run", "--project", project, "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`,
  )
  return { code, output, count: countVitest }
}))

/** @param {string} chromium */
export const browser = (chromium) => stage("browser", () => withReport(async (results) => {
  const { code, output } = await runBrowserTests({ chromium, capture: true, results })
  return { code, output, count: countPlaywright }
}))

/** The short form. Its figures are worth reading also when nothing is wrong. */
export const torture = () => stage("torture", async () => {
  const { code, output } = await node("scripts/torture.mjs")
  if (code === 0) console.log(output.trim().split("\n\n")[0])
  const [, passed, failed, skipped] = /^torture: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output) ?? [null, 0, 0, 0]
  return { ...withCrash({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }, code), output }
})

/** For what could not even begin. @param {string} name @param {Partial<Counts>} counts @param {string} note */
export const withoutRunning = (name, counts, note) => stage(name, async () => ({ passed: 0, failed: 0, skipped: 0, output: "", note, ...counts }))

/** Files that could not be loaded are failures too, though vitest counts no test in them. */
export function countVitest(report) {
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"))
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** A test that needed a second try is a failure: it says the product or the test is unreliable. */
export function countPlaywright({ stats }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
}

/** A run that went wrong without a failing test, or tested nothing, is one failure. @param {Counts} counts @param {number} code */
export function withCrash(counts, code) {
  const quiet = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0)
  return quiet ? { ...counts, failed: 1 } : counts
}

/** @param {Counts[]} outcomes */
export function summaryLine(outcomes) {
  const total = (/** @type {keyof Counts} */ what) => outcomes.reduce((sum, outcome) => sum + outcome[what], 0)
  const skipped = total("skipped")
  return `${total("passed")} passed, ${total("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

/** Prints the stage's line, below whatever a failing one had to say, and remembers it for the summary. @returns {Promise<Outcome>} */
async function stage(name, work) {
  const started = performance.now()
  const result = await work().catch((error) => ({ passed: 0, failed: 1, skipped: 0, output: `${error.stack}\n` }))
  const outcome = { ...result, name, seconds: (performance.now() - started) / 1000 }
  if (outcome.failed > 0) console.log(`\n──── ${name} ────\n${outcome.output.trim()}\n`)
  console.log(describe(outcome))
  return outcome
}

/** @param {Outcome} outcome */
export function describe({ name, passed, failed, skipped, seconds, note }) {
  const counts = [`${passed} passed`, failed && `${failed} FAILED`, skipped && `${skipped} SKIPPED`].filter(Boolean).join(", ")
  const mark = failed > 0 ? "✗" : skipped > 0 ? "!" : "✓"
  return `${mark} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s   ${passed + failed + skipped > 0 ? counts : "done"}${note ? ` – ${note}` : ""}`
}

function once({ code, output }) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output }
}

async function withReport(work) {
  const report = join(temporaryFolder("report"), "report.json")
  const { code, output, count } = await work(report)
  const counts = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 0, skipped: 0 }
  return { ...withCrash(counts, code), output }
}
