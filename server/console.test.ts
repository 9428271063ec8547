import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { expect, test } from "vitest"

import { newSecret } from "@/lib/tokens/secret"

/** Runs code in a process whose console is captured; returns its stdout and stderr. */
function saidBy(script: string, env: Record<string, string> = {}) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", `import { say, complain } from "./server/console.mjs"\n${script}`],
    { env: { PATH: process.env.PATH, NODE_ENV: "production", LOG_LEVEL: "info", ...env }, encoding: "utf8" },
  )
  return { lines: stdout.trim().split("\n"), stderr }
}

const secret = newSecret()

test("what a library prints goes to the log, a JSON object a line, with its secrets blotted out", () => {
  const { lines, stderr } = saidBy(
    `console.error("\\x1b[31m⨯\\x1b[39m Failed to find Server Action %s", "${secret}")
     console.warn("does not match \`origin\` header with value \`https://alice:hunter22@evil.example\`")
     console.log("two\\nlines", { a: 1 })
     console.error("failed:", new Error("it was ${secret}"))`,
  )
  expect(stderr).toBe("")
  expect(lines.join("\n")).not.toMatch(new RegExp(`${secret}|hunter22`))
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", msg: "printed", text: "⨯ Failed to find Server Action [redacted]" },
    { level: "warn", text: expect.stringContaining("https://alice:[redacted]@evil.example") },
    { level: "info", text: "two\nlines { a: 1 }" },
    { level: "error", text: "failed:", error: { name: "Error", message: "it was [redacted]" } },
  ])
})

test("what is not worth a line at this level is not written", () => {
  expect(saidBy(`console.log("✓ Ready"); console.error("bad")`, { LOG_LEVEL: "warn" }).lines).toHaveLength(1)
})

test("what is said to whoever starts the server is plain, and has no secrets either", () => {
  const { lines, stderr } = saidBy(`say("Understudy is ready"); complain("no: postgres://a:hunter22@db/x")`)
  expect([lines, stderr]).toEqual([["Understudy is ready"], "no: postgres://a:[redacted]@db/x\n"])
})

test("in development a console is left as it is", () => {
  expect(saidBy(`console.log("plain")`, { NODE_ENV: "development" }).lines).toEqual(["plain"])
})

test("a process whose log nobody reads any more keeps running, and does not report that again and again", async () => {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import "./server/console.mjs"
       const thrown = []
       process.on("uncaughtException", (error) => { thrown.push(error.code); console.error(error) })
       process.on("message", () => {
         console.error("nobody reads this")
         process.stderr.write("nor this")
         setTimeout(() => process.send(thrown, () => process.exit()), 300)
       })
       process.send("up")`,
    ],
    { env: { PATH: process.env.PATH, NODE_ENV: "production" }, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  )
  await once(child, "message")
  child.stdout!.destroy()
  child.stderr!.destroy()
  const answer = once(child, "message")
  child.send("go")
  expect((await answer)[0]).toEqual([])
})
