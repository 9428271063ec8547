import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { beforeEach, expect, test } from "vitest"

import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { createFileAtomicSync, moveIntoPlace, partialOf, writeFileAtomic, replaceFileSync } from "./atomic-file"

let folder: string
beforeEach(() => {
  folder = temporaryFolder("atomic-file")
})

test("a file is written or replaced for its owner alone, folders included, and nothing else stays", async () => {
  const file = path.join(folder, "a/b/file")
  for (const content of ["first", Buffer.from("second")]) await writeFileAtomic(file, content)
  replaceFileSync(file, "third")
  expect(readFileSync(file, "utf8")).toBe("third")
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
  expect(readdirSync(path.dirname(file))).toEqual(["file"])
})

test("many writers of one file leave one of their contents, complete", async () => {
  const file = path.join(folder, "file")
  const contents = Array.from({ length: 20 }, (_, n) => String(n).repeat(100_000))
  await Promise.all(contents.map((content) => writeFileAtomic(file, content)))
  expect(contents).toContain(readFileSync(file, "utf8"))
  expect(readdirSync(folder)).toEqual(["file"])
})

test("a file that is there is not created again", () => {
  const file = path.join(folder, "secrets/file")
  createFileAtomicSync(file, "first")
  createFileAtomicSync(file, "second")
  expect(readFileSync(file, "utf8")).toBe("first")
  expect(readdirSync(path.dirname(file))).toEqual(["file"])
})

test("a write that fails leaves what was there, and no partial file", async () => {
  const file = path.join(folder, "file")
  mkdirSync(path.join(file, "occupied"), { recursive: true })
  await expect(writeFileAtomic(file, "content")).rejects.toThrow()
  expect(() => replaceFileSync(file, "content")).toThrow()
  expect(readdirSync(folder)).toEqual(["file"])
  expect(readdirSync(file)).toEqual(["occupied"])
})

test("a partial file is moved into a folder that does not exist yet", async () => {
  const file = path.join(folder, "new/file")
  const partial = partialOf(path.join(folder, "file"))
  writeFileSync(partial, "streamed")
  await moveIntoPlace(partial, file)
  expect(readFileSync(file, "utf8")).toBe("streamed")
  expect(readdirSync(folder)).toEqual(["new"])
})
