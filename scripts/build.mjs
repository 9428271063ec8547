// Builds the pages when a source is newer than the last build.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./run.mjs"

const sources = [
  "app", "components", "db", "lib", "public",
  "env.ts", "instrumentation.ts", "next.config.ts", "package-lock.json", "package.json", "postcss.config.mjs", "server.mjs", "tsconfig.json",
]
const stamp = ".next/built-from"

/** A captured build prints nothing; its output is in the answer. */
export async function buildIfStale({ capture = false } = {}) {
  if (!isStale(sources, stamp)) return { code: 0, output: "" }

  if (!capture) console.log("Building …")
  const started = new Date()
  rmSync(stamp, { force: true })
  const result = await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], { capture, env: { NODE_ENV: "production" } })
  if (result.code === 0) {
    mkdirSync(".next", { recursive: true })
    writeFileSync(stamp, "")
    // A file saved while the build ran must count as newer than the build.
    utimesSync(stamp, started, started)
  }
  return result
}

/** @param {string[]} paths @param {string} builtFrom a file as old as the sources it was built from */
export function isStale(paths, builtFrom) {
  return !existsSync(builtFrom) || newestChange(paths) > statSync(builtFrom).mtimeMs
}

/** Folders count too: deleting a file changes nothing else. Tests do not: no page contains them. */
function newestChange(paths) {
  let newest = 0
  for (const path of paths) {
    const entry = statSync(path, { throwIfNoEntry: false })
    if (!entry || /\.test\.tsx?$/.test(path)) continue
    newest = Math.max(newest, entry.mtimeMs)
    if (entry.isDirectory()) newest = Math.max(newest, newestChange(readdirSync(path).map((name) => join(path, name))))
  }
  return newest
}
