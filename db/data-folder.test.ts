import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

import { env } from "@/env"
import { writeFileAtomic } from "./atomic-file"
import { holdDataFolder, makeFolder, makeFolderSync } from "./data-folder"

const before = env.DATA_DIR
let [around, data, release] = ["", "", () => {}]
beforeEach(() => {
  around = mkdtempSync(path.join(tmpdir(), "data-folder-"))
  data = env.DATA_DIR = path.join(around, "data")
  makeFolderSync(data)
  writeFileSync(path.join(data, "understudy.db"), "")
  release = holdDataFolder()
})
afterEach(() => {
  release()
  env.DATA_DIR = before
  rmSync(around, { recursive: true, force: true })
})

test("folders are made within the data folder, and the topmost new one is named", async () => {
  expect(await makeFolder(path.join(data, "a", "b"))).toBe(path.join(data, "a"))
  expect(await makeFolder(path.join(data, "a", "b"))).toBeUndefined()
  expect(makeFolderSync(path.join(data, "a", "c"))).toBe(path.join(data, "a", "c"))
  expect(makeFolderSync(data)).toBeUndefined()
})

test("a data folder that vanished is not made again while it is held", async () => {
  renameSync(data, `${data}-away`)
  await expect(makeFolder(path.join(data, "a", "b"))).rejects.toMatchObject({ code: "ENOENT" })
  expect(() => makeFolderSync(data)).toThrow("ENOENT")
  await expect(writeFileAtomic(path.join(data, "a", "file"), "x")).rejects.toMatchObject({ code: "ENOENT" })
  expect(readdirSync(around)).toEqual(["data-away"])
  renameSync(`${data}-away`, data)
  await writeFileAtomic(path.join(data, "a", "file"), "x")
})

test("nothing is made in the empty folder that its volume was mounted on", () => {
  renameSync(data, `${data}-away`)
  mkdirSync(data)
  expect(() => makeFolderSync(path.join(data, "a"))).toThrow("is its volume mounted?")
  expect(readdirSync(data)).toEqual([])
})

test("other folders, and one that is not held, are made whole", async () => {
  expect(await makeFolder(path.join(around, "other", "one"))).toBe(path.join(around, "other"))
  release()
  renameSync(data, `${data}-away`)
  expect(makeFolderSync(path.join(data, "a"))).toBe(data)
})

test("no other code of the server makes folders recursively", () => {
  const found: string[] = []
  for (const root of ["app", "db", "lib", "server", "instrumentation.ts", "server.mjs"])
    for (const file of root.includes(".") ? [""] : readdirSync(root, { recursive: true, encoding: "utf8" })) {
      if (!/\.m?ts$|\.mjs$/.test(file || root) || /\.test\.|^test\/|data-folder\.ts/.test(file)) continue
      const text = readFileSync(path.join(root, file), "utf8")
      if (/mkdir(Sync)?\([^)]*\)?[^)]*recursive: true/.test(text)) found.push(path.join(root, file))
    }
  expect(found).toEqual([])
})
