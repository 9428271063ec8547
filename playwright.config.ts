import { availableParallelism } from "node:os"
import { defineConfig } from "@playwright/test"

// scripts/e2e.mjs chooses these, so that a run has its own address, database and browser.
const { E2E_BASE_URL, E2E_DATA_DIR, E2E_LOG, E2E_RESULTS, CHROMIUM_PATH } = process.env
if (!E2E_BASE_URL) throw new Error("Run the browser tests with `npm run e2e`, or set E2E_BASE_URL to a running server.")

const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
]
const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : []

const longest = [
  /\.measure\.ts$/,
  /\/(deployment-states|inputs|playground-schemas|push|run-pushed|run-states|train-pushed|xss)\.spec\.ts$/,
]

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/bundle-scripts.ts",
  fullyParallel: true,
  // More than there are cores gain nothing: pages keep them busy.
  workers: Math.max(2, availableParallelism()),
  // Who needed the second try is named at the end of the run (scripts/stages.mjs).
  retries: 1,
  // Generous, because a busy machine is slow and a waiting test costs nothing.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["line"], ...(E2E_RESULTS ? [["json", { outputFile: E2E_RESULTS }] as const] : [])],
  use: {
    baseURL: E2E_BASE_URL,
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: CHROMIUM_PATH, args: [...quiet, ...asRoot] },
  },
  projects: [
    // First, so that none of them is the last that runs.
    { name: "longest", testMatch: longest, use: { browserName: "chromium" } },
    { name: "chromium", testIgnore: longest, use: { browserName: "chromium" } },
    {
      name: "traces",
      testMatch: "*.last.ts",
      dependencies: ["longest", "chromium"],
      use: { browserName: "chromium" },
    },
  ],
  webServer: E2E_DATA_DIR
    ? {
        // All that it says is looked through at the end, by the last project.
        command: E2E_LOG ? `exec node scripts/start.mjs >>"${E2E_LOG}" 2>&1` : "node scripts/start.mjs",
        url: E2E_BASE_URL,
        timeout: 180_000,
        gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
        stdout: "ignore",
        stderr: "pipe",
        env: {
          HOST: "127.0.0.1",
          PORT: new URL(E2E_BASE_URL).port,
          DATA_DIR: E2E_DATA_DIR,
          SIGNUP: "open",
          RUN_BUNDLED: "off",
          SIGNUPS_PER_HOUR: "1000000",
          // Every browser of a run comes from one address.
          ANONYMOUS_RATE_LIMIT_PER_MINUTE: "100000",
          LOG_LEVEL: E2E_LOG ? "info" : "warn",
        },
      }
    : undefined,
})
