import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdirSync } from "node:fs"
import path from "node:path"
import { afterEach, describe, expect, test } from "vitest"

import { env } from "@/env"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { acquireServerLock } from "./server-lock"
import { dialect } from "./kit"

const folder = temporaryFolder("server-lock")
const usual = env.DATA_DIR
afterEach(() => {
  env.DATA_DIR = usual
})

/** Another process that holds the folder until it is killed. */
async function anotherServer(data: string) {
  mkdirSync(data, { recursive: true })
  const script = `const D = require("better-sqlite3"); new D(${JSON.stringify(path.join(data, "server.lock"))}).exec("BEGIN EXCLUSIVE"); console.log("here"); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  await once(child.stdout!, "data")
  return async () => {
    child.kill("SIGKILL")
    await once(child, "close")
  }
}

if (dialect === "sqlite") describe("one server has a data folder", ofAFolder)
else
  test("servers that share a database are not kept apart, whatever folder they have", async () => {
    env.DATA_DIR = path.join(folder, "shared")
    const kill = await anotherServer(env.DATA_DIR)
    ;(await acquireServerLock(0))()
    await kill()
  })

function ofAFolder() {
  test("and another one is told, until the first is gone, however it went", async () => {
    env.DATA_DIR = path.join(folder, "taken")
    const kill = await anotherServer(env.DATA_DIR)
    await expect(acquireServerLock(200)).rejects.toThrow(`another server uses ${env.DATA_DIR}. Stop it`)
    const waiting = acquireServerLock(10_000)
    await kill()
    ;(await waiting)()
  })

  test("and takes it once, whoever of it asks", async () => {
    env.DATA_DIR = path.join(folder, "ours")
    const release = await acquireServerLock(0)
    await expect(acquireServerLock(0)).resolves.toBeTypeOf("function")
    release()
    const kill = await anotherServer(env.DATA_DIR)
    await kill()
  })

  test("unless nothing can be written there at all", async () => {
    env.DATA_DIR = path.join(folder, "readonly")
    mkdirSync(env.DATA_DIR)
    chmodSync(env.DATA_DIR, 0o500)
    await expect(acquireServerLock(0)).resolves.toBeTypeOf("function")
  })
}
