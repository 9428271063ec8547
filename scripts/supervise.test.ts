import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, test } from "vitest"

const folder = mkdtempSync(path.join(tmpdir(), "understudy-supervise-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const supervisorModule = JSON.stringify(pathToFileURL("scripts/supervise.mjs").href)
let count = 0

/** A supervisor that runs this script as its server. */
function supervising(server: string) {
  const script = path.join(folder, `${count++}.mjs`)
  writeFileSync(script, server)
  const supervisor = `import { supervise } from ${supervisorModule}\nprocess.exit(await supervise(${JSON.stringify(script)}, { flags: ["--title=served"], wait: 0.1 }))`
  const child = spawn(process.execPath, ["--input-type=module", "--eval", supervisor], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text))
  const until = async (words: RegExp) => {
    while (!words.test(said)) await new Promise((resume) => setTimeout(resume, 20))
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  return { child, ended, until, said: () => said }
}

const serving = `process.send("ready"); console.log("serving as " + process.pid + ", " + process.title); setInterval(() => {}, 1000);`
const ending = `for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => { console.log("told " + signal); setTimeout(() => process.exit(0), 300) });`
const pidsIn = (said: string) => [...said.matchAll(/serving as (\d+)/g)].map(([, pid]) => Number(pid))

describe.concurrent("a supervised server", () => {
  test("starts again when it is killed, later every time, and says so", async ({ expect }) => {
    const { child, ended, until, said } = supervising(ending + serving)
    for (const times of [1, 2, 3]) {
      await until(new RegExp(`(serving as [^]*){${times}}`))
      if (times < 3) process.kill(pidsIn(said())[times - 1]!, "SIGKILL")
    }
    expect(said()).toContain("The server ended (SIGKILL). It starts again in 0.1 s.")
    expect(said()).toContain("It starts again in 0.2 s.")
    expect(said().match(/serving as \d+, served$/gm)).toHaveLength(3)
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
  })

  test("starts again when it ends with an error", async ({ expect }) => {
    const { child, ended, until, said } = supervising(`${serving}setTimeout(() => process.exit(7), 100)`)
    await until(/exit code 7[^]*serving/)
    child.kill("SIGTERM")
    await ended
    expect(said()).toContain("The server ended (exit code 7).")
  })

  test.for(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s, told once", async (signal, { expect }) => {
    const { child, ended, until, said } = supervising(ending + serving)
    await until(/serving/)
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(said().match(/told /g)).toHaveLength(1)
  })

  test("that cannot start is not started again", async ({ expect }) => {
    const { ended, said } = supervising(`console.error("The port is in use."); process.exit(3)`)
    expect(await ended).toBe(3)
    expect(said()).toBe("The port is in use.\n")
  })

  test("that somebody else asked to end is not started again", async ({ expect }) => {
    const { ended, until, said } = supervising(
      `process.on("SIGTERM", () => { process.send("leaving"); setTimeout(() => process.exit(0), 50) });${serving}`,
    )
    await until(/serving/)
    process.kill(pidsIn(said())[0]!, "SIGTERM")
    expect(await ended).toBe(0)
  })

  test("learns when its supervisor is gone", async ({ expect }) => {
    const { child, until, said } = supervising(
      `process.once("disconnect", () => { console.log("alone"); process.exit(0) });${serving}`,
    )
    await until(/serving/)
    child.kill("SIGKILL")
    await until(/alone/)
    expect(pidsIn(said())).toHaveLength(1)
  })
})
