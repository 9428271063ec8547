// Builds the pages and the bundled models if their sources have changed since the last build.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { bundleIfStale } from "./bundle.mjs"
import { addCompileHints } from "./compile-hints.mjs"
import { fingerprintOf } from "./fingerprint.mjs"
import { run } from "./run.mjs"

export const sources = [
  "app",
  "components",
  "db",
  "lib",
  "public",
  "server",
  "env.ts",
  "instrumentation.ts",
  "next.config.mjs",
  "package-lock.json",
  "postcss.config.mjs",
  "tsconfig.json",
]
const record = ".next/built-from"

/** A captured build prints nothing and returns its output. */
export async function buildIfStale({ capture = false } = {}) {
  await bundleIfStale()
  // Taken before the build, so that a file saved meanwhile triggers another one.
  const fingerprint = fingerprintOf(sources)
  if (existsSync(record) && readFileSync(record, "utf8") === fingerprint) return { code: 0, output: "" }

  if (!capture) console.log("Building …")
  rmSync(record, { force: true })
  const result = await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    capture,
    env: { NODE_ENV: "production" },
  })
  if (result.code === 0) {
    addCompileHints(".next")
    mkdirSync(dirname(record), { recursive: true })
    writeFileSync(record, fingerprint)
  }
  return result
}

/** Builds the Next app that the bench compares with, once. */
export async function buildBenchIfMissing({ capture = false } = {}) {
  if (existsSync("bench/next/.next/BUILD_ID")) return { code: 0, output: "" }
  return run(process.execPath, ["node_modules/next/dist/bin/next", "build", "bench/next"], {
    capture,
    env: { NODE_ENV: "production" },
  })
}
