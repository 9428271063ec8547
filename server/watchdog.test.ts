import { spawn } from "node:child_process"
import { pathToFileURL } from "node:url"
import { test } from "vitest"

const watchdog = JSON.stringify(pathToFileURL("server/watchdog.mjs").href)

/** A process that starts the watchdog and then runs this code. */
function watched(then: string) {
  const script = `import { watch } from ${watchdog}\nwatch({ seconds: 1 })\nsetTimeout(() => {\n${then}\n}, 500)\nsetTimeout(() => { console.log("alive"); process.exit() }, 6000)`
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { PATH: process.env.PATH, NODE_ENV: "test" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text))
  const ended = new Promise<{ signal: string | null; said: string }>((resolve) =>
    child.once("close", (_code, signal) => resolve({ signal, said })),
  )
  return { child, ended }
}

test.concurrent("a process whose event loop stands still ends, and says where it stood", async ({ expect }) => {
  const { signal, said } = await watched("(function standingHere() { for (;;); })()").ended
  expect(signal).toBe("SIGKILL")
  expect(JSON.parse(said)).toMatchObject({
    level: "fatal",
    msg: "the event loop was blocked; ending the process",
    stack: expect.stringMatching(/^at standingHere \(/),
  })
})

test.concurrent("also one that stands in native code, where nobody can ask", async ({ expect }) => {
  const { signal, said } = await watched("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)").ended
  expect([signal, JSON.parse(said).stack]).toEqual(["SIGKILL", expect.any(String)])
})

test.concurrent("one that is busy now and then goes on", async ({ expect }) => {
  const busy =
    "for (let n = 0; n < 5; n++) setTimeout(() => { const t = Date.now(); while (Date.now() - t < 400); }, n * 500)"
  expect(await watched(busy).ended).toEqual({ signal: null, said: "alive\n" })
})

test.concurrent("one whose machine slept goes on", async ({ expect }) => {
  const { child, ended } = watched("")
  await new Promise((resume) => setTimeout(resume, 1000))
  child.kill("SIGSTOP")
  await new Promise((resume) => setTimeout(resume, 3000))
  child.kill("SIGCONT")
  expect(await ended).toEqual({ signal: null, said: "alive\n" })
})
