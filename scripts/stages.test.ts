import { expect, test } from "vitest"
import {
  countPlaywright,
  countVitest,
  failuresOfPlaywright,
  failuresOfVitest,
  namesOfFailures,
  summaryLine,
  withCrash,
} from "./stages.mjs"

const counts = (passed: number, failed: number, skipped = 0) => ({ passed, failed, skipped })

test("the last line adds the stages up", () => {
  expect(summaryLine([counts(1, 0), counts(40, 2)])).toBe("41 passed, 2 failed")
})

test("skipping is said, and only then", () => {
  expect(summaryLine([counts(1, 0), counts(0, 0, 3)])).toBe("1 passed, 0 failed, 3 skipped")
})

test("a stage that crashed or tested nothing is one failure", () => {
  expect(withCrash(counts(0, 0), 0)).toEqual(counts(0, 1))
  expect(withCrash(counts(7, 0), 1)).toEqual(counts(7, 1))
  expect(withCrash(counts(7, 2), 1)).toEqual(counts(7, 2))
  expect(withCrash(counts(7, 0), 0)).toEqual(counts(7, 0))
})

test("a test file that cannot be loaded is a failure", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      { status: "passed", assertionResults: [{ status: "passed" }] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "failed", assertionResults: [] },
    ],
  }
  expect(countVitest(report)).toEqual(counts(3, 2, 2))
})

test("a browser test that passed at its second try passed", () => {
  expect(countPlaywright({ stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } })).toEqual(counts(6, 1, 2))
})

test("what failed is named again at the end, in one line each", () => {
  const vitest = {
    testResults: [
      {
        name: `${process.cwd()}/lib/a.test.ts`,
        assertionResults: [
          { status: "passed", fullName: "fine" },
          { status: "failed", fullName: "adds up", failureMessages: ["Error: 1 is not 2\n    at here"] },
        ],
      },
      { name: `${process.cwd()}/lib/b.test.ts`, message: "SyntaxError: unexpected", assertionResults: [] },
    ],
  }
  const playwright = {
    suites: [
      {
        specs: [{ ok: true, file: "a.spec.ts", line: 3, title: "fine", tests: [] }],
        suites: [
          {
            specs: [
              {
                ok: true,
                file: "a.spec.ts",
                line: 5,
                title: "wavers",
                tests: [{ results: [{ error: { message: "Too slow" } }, {}] }],
              },
              {
                ok: false,
                file: "a.spec.ts",
                line: 9,
                title: "says so",
                tests: [{ results: [{ error: { message: "\u001b[31mTimed out\u001b[39m\n\nexpected: here" } }] }],
              },
            ],
          },
        ],
      },
    ],
  }
  const outcomes = [
    { name: "tests on sqlite", failures: failuresOfVitest(vitest) },
    { name: "lint" },
    { name: "browser", failures: failuresOfPlaywright(playwright) },
  ]
  expect(namesOfFailures(outcomes)).toBe(
    "✗ tests on sqlite: lib/a.test.ts adds up: Error: 1 is not 2 · at here\n" +
      "✗ tests on sqlite: lib/b.test.ts could not be loaded: SyntaxError: unexpected\n" +
      "! browser: a.spec.ts:5 wavers (passed at the second try): Too slow\n" +
      "✗ browser: a.spec.ts:9 says so: Timed out · expected: here\n",
  )
})
