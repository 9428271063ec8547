// The stages of `npm run check` and `npm test`: each runs, is counted and is reported in one line.
import { existsSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { runBrowserTests } from "./browser-tests.mjs"
import { buildBenchIfMissing, buildIfStale } from "./build.mjs"
import { run } from "./run.mjs"
import { folderForTests, temporaryFolder } from "./temporary-folder.mjs"

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {Counts & { name: string, seconds: number, output: string, note?: string, failures?: string[] }} Outcome
 */

const node = (...args) => run(process.execPath, args, { capture: true })
const nodeIn = (folder, ...args) => run(process.execPath, args, { capture: true, env: { TMPDIR: folder } })

export const types = () =>
  stage("types", async () => {
    const generated = await node("node_modules/next/dist/bin/next", "typegen")
    return once(generated.code === 0 ? await node("node_modules/typescript/bin/tsc", "--noEmit") : generated)
  })

export const lint = () =>
  stage("lint", async () => once(await node("node_modules/oxlint/bin/oxlint", "--deny-warnings")))

export const format = () =>
  stage("format", async () => once(await node("node_modules/oxfmt/bin/oxfmt", "--check", ".")))

/** The product, and what the bench compares it with. */
export const build = () =>
  stage("build", async () => {
    const ours = await buildIfStale({ capture: true })
    const compared = await buildBenchIfMissing({ capture: true })
    const failed = ours.code === 0 && compared.code === 0 ? 0 : 1
    return { passed: 0, failed, skipped: 0, output: ours.output + compared.output }
  })

/**
 * @param {"sqlite" | "postgres" | "s3"} project
 * @param {number} [perProcessor] Test files that run at the same time, for each processor
 */
export const units = (project, perProcessor = 2) =>
  stage(`tests on ${project}`, () =>
    withReport(async (report) => {
      const { code, output } = await nodeIn(
        folderForTests(),
        "node_modules/vitest/vitest.mjs",
        "run",
        "--project",
        project,
        `--maxWorkers=${Math.ceil(perProcessor * availableParallelism())}`,
        "--reporter=dot",
        "--reporter=json",
        `--outputFile.json=${report}`,
      )
      return { code, output, count: countVitest, name: failuresOfVitest }
    }),
  )

/** @param {{ shell: string, browser: string }} chromium */
export const browser = (chromium) =>
  stage("browser", () =>
    withReport(async (results) => {
      const { code, output } = await runBrowserTests({ chromium, capture: true, results })
      return { code, output, count: countPlaywright, name: failuresOfPlaywright }
    }),
  )

/** The short run. Its results are printed even on success. */
export const torture = () =>
  stage("torture", async () => {
    const { code, output } = await node("scripts/torture.mjs", "--short")
    if (code === 0) console.log(output.trim().split("\n\n")[0])
    const [, passed, failed, skipped] = /^torture: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output) ?? [
      null,
      0,
      0,
      0,
    ]
    const failures = [...output.matchAll(/^✗ (?!torture)(.*)$/gm)].map(([, line]) => line ?? "")
    return {
      ...withCrash({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }, code),
      output,
      failures,
    }
  })

/** Speed compared with other servers in the same run, per CPU-second; fails if a ratio fell by more than a quarter. */
export const bench = () =>
  stage("bench", async () => {
    const { code, output } = await node("scripts/bench.mjs", "--short")
    const [, passed, failed] = /^bench: (\d+) passed, (\d+) failed$/m.exec(output) ?? [null, 0, 0]
    const failures = [...output.matchAll(/^\| (.*\| no +)\|$/gm)].map(([, line]) => line ?? "")
    return { ...withCrash({ passed: Number(passed), failed: Number(failed), skipped: 0 }, code), output, failures }
  })

/**
 * The outcome of a stage that could not start.
 * @param {string} name
 * @param {Partial<Counts>} counts
 * @param {string} note
 */
export const withoutRunning = (name, counts, note) =>
  stage(name, async () => ({ passed: 0, failed: 0, skipped: 0, output: "", note, ...counts }))

/** Test files that could not be loaded are failures too, although vitest counts no tests in them. */
export function countVitest(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** A test that passed on retry counts as passed but is listed at the end as flaky: the machine was busy, or worse. */
export function countPlaywright({ stats }) {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
}

/** Each failing test with its location and the beginning of its message. */
export const failuresOfVitest = ({ testResults }) =>
  testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed")
    if (failed.length === 0 && message) return [inOneLine(name, "could not be loaded", message)]
    return failed.map(({ fullName, failureMessages }) => inOneLine(name, fullName, failureMessages[0]))
  })

/** The failures of Playwright's report. */
export const failuresOfPlaywright = ({ suites, errors = [] }) => [
  ...errors.map(({ message }) => inOneLine("", "outside of any test", message)),
  ...suites.flatMap(function within({ specs = [], suites: inner = [] }) {
    const complaints = specs.flatMap(({ ok, file, line, title, tests }) => {
      const bad = tests.flatMap(({ results }) => results).find(({ error }) => error)
      if (ok && !bad) return []
      return [inOneLine(`${file}:${line}`, `${title}${ok ? " (passed at the second try)" : ""}`, bad?.error.message)]
    })
    return [...complaints, ...inner.flatMap(within)]
  }),
]

const inOneLine = (file, title, complaint = "") => {
  const text = stripVTControlCharacters(complaint)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 6)
    .join(" · ")
  return `${file.replace(`${process.cwd()}/`, "")} ${title}: ${text}`.trim().slice(0, 600)
}

/**
 * A run that failed without a failing test, or ran no tests, counts as one failure.
 * @param {Counts} counts
 * @param {number} code
 */
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

/**
 * Prints the stage's line, after the output of a failing one, and records it for the summary.
 * @returns {Promise<Outcome>}
 */
async function stage(name, work) {
  const started = performance.now()
  const result = await work().catch((error) => ({ passed: 0, failed: 1, skipped: 0, output: `${error.stack}\n` }))
  const outcome = { ...result, name, seconds: (performance.now() - started) / 1000 }
  if (outcome.failed > 0) console.log(`\n──── ${name} ────\n${outcome.output.trim()}\n`)
  console.log(describe(outcome))
  return outcome
}

/**
 * Lists the failures again at the end of the run, the part of the log that is kept.
 * @param {Pick<Outcome, "name" | "failures">[]} outcomes
 */
export const namesOfFailures = (outcomes) =>
  outcomes
    .flatMap(({ name, failures = [] }) =>
      failures.slice(0, 20).map((failure) => `${failure.includes("second try") ? "!" : "✗"} ${name}: ${failure}\n`),
    )
    .join("")

/** @param {Outcome} outcome */
export function describe({ name, passed, failed, skipped, seconds, note }) {
  const counts = [`${passed} passed`, failed && `${failed} FAILED`, skipped && `${skipped} SKIPPED`]
    .filter(Boolean)
    .join(", ")
  const mark = failed > 0 ? "✗" : skipped > 0 ? "!" : "✓"
  return `${mark} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s   ${passed + failed + skipped > 0 ? counts : "done"}${note ? ` – ${note}` : ""}`
}

function once({ code, output }) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output }
}

async function withReport(work) {
  const report = join(temporaryFolder("report"), "report.json")
  const { code, output, count, name } = await work(report)
  if (!existsSync(report)) return { ...withCrash({ passed: 0, failed: 0, skipped: 0 }, code), output }
  const said = JSON.parse(readFileSync(report, "utf8"))
  return { ...withCrash(count(said), code), output, failures: name(said) }
}
