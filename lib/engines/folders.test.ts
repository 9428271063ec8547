import { once } from "node:events"
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

import { nobody, removeAbandonedFolders, runFolders, socketFolder, removeUnusedFolders } from "./folders"

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "us-"))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const isRoot = process.getuid!() === 0
const id = "i".padEnd(26, "0")

test("sockets have a path that a system takes, however long that of the data is", () => {
  const deep = join(data, "a".repeat(200), "b".repeat(100))
  mkdirSync(deep, { recursive: true })
  for (const folder of [data, deep]) {
    const folders = runFolders(folder)
    expect(Buffer.byteLength(join(folders.sockets, id, "callback.sock"))).toBeLessThan(108)
    expect(runFolders(folder)).toEqual(folders)
    expect(folders.state).toBe(join(folder, "run"))
    removeUnusedFolders(folders)
  }
})

test("who runs models gets to its own sockets and to nobody else's", () => {
  const folders = runFolders(data)
  const folder = socketFolder(folders.sockets, id)
  const { mode, uid } = statSync(folder)
  expect(mode & 0o777).toBe(0o700)
  if (isRoot) expect(uid).toBe(nobody)
  expect(statSync(folders.sockets).mode & 0o777).toBe(0o711)
  // Temporary folders are private to their owner, so a root server keeps sockets elsewhere.
  if (isRoot) expect(folders.sockets.startsWith(data)).toBe(false)
  rmSync(folders.sockets, { recursive: true })
})

test("no folder is left behind, unless an instance is in it", () => {
  const folders = runFolders(data)
  socketFolder(folders.sockets, id)
  removeUnusedFolders(folders)
  expect(readdirSync(folders.sockets)).toContain(id)
  rmSync(join(folders.sockets, id), { recursive: true })
  removeUnusedFolders(folders)
  expect(() => readdirSync(folders.sockets)).toThrow("ENOENT")
})

test("folders of a deleted data folder are removed, unless a program listens in one", async () => {
  const deep = join(data, "a".repeat(100))
  mkdirSync(deep)
  const folders = runFolders(deep)
  const listener = createServer().listen(join(socketFolder(folders.sockets, id), "callback.sock"))
  await once(listener, "listening")
  await removeAbandonedFolders()
  expect(existsSync(folders.sockets)).toBe(true)

  rmSync(deep, { recursive: true })
  await removeAbandonedFolders()
  expect(existsSync(folders.sockets)).toBe(true)

  // A program that was killed leaves its socket.
  const socket = join(folders.sockets, id, "callback.sock")
  linkSync(socket, `${socket}.left`)
  listener.close()
  await once(listener, "close")
  expect(existsSync(`${socket}.left`)).toBe(true)
  await removeAbandonedFolders()
  expect(existsSync(folders.sockets)).toBe(false)
})
