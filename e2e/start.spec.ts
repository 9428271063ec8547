import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"

import { expect, test } from "./fixtures"
import { ownServer } from "./own-server"

let data: string
test.beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), "understudy-e2e-"))
})
test.afterEach(() => rmSync(data, { recursive: true, force: true }))

const childOf = (pid: number) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0])

test("a server whose event loop is blocked says where and ends, and npm start starts the next", async () => {
  test.setTimeout(90_000)
  const stuck = pathToFileURL(path.resolve("e2e/stuck.mjs")).href
  const own = await ownServer(data, { NODE_OPTIONS: `--import ${stuck}` }, undefined, "scripts/start.mjs")
  try {
    const first = childOf(own.pid)
    process.kill(first, "SIGUSR2")
    await expect.poll(own.said, { timeout: 30_000 }).toContain("the event loop was blocked; ending the process")
    expect(own.said()).toContain("blockForGood")
    await expect.poll(own.said, { timeout: 30_000 }).toContain("The server ended (SIGKILL). It starts again in 1 s.")
    await expect.poll(() => own.said().split("is ready at").length, { timeout: 30_000 }).toBe(3)
    expect(childOf(own.pid)).not.toBe(first)
    expect((await fetch(`${own.origin}/readyz`)).status).toBe(200)
  } finally {
    await own.stop()
  }
})

test("what others could read in the data folder is the server's alone from its start", async () => {
  await (await ownServer(data)).stop()
  const database = path.join(data, "understudy.db")
  chmodSync(data, 0o755)
  chmodSync(database, 0o644)

  const own = await ownServer(data)
  try {
    expect((statSync(database).mode & 0o777).toString(8)).toBe("600")
    expect(own.said()).toMatch(
      /"level":"warn".*other users could read files in the data folder, and no longer can.*understudy\.db/,
    )
    expect(readFileSync(`/proc/${own.pid}/status`, "utf8")).toMatch(/^Umask:\s+0077$/m)
  } finally {
    await own.stop()
  }
})
