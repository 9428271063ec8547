import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { isStale } from "./build.mjs"

let folder: string
const at = (name: string) => path.join(folder, name)
const age = (name: string, seconds: number) => utimesSync(at(name), seconds, seconds)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "understudy-build-"))
  mkdirSync(at("app/create"), { recursive: true })
  for (const file of ["app/create/page.tsx", "app/create/page.test.ts", "env.ts", "built"]) writeFileSync(at(file), "")
  for (const file of ["app/create/page.tsx", "app/create/page.test.ts", "app/create", "app", "env.ts"]) age(file, 1000)
  age("built", 2000)
})
afterEach(() => rmSync(folder, { recursive: true }))

const stale = () => isStale([at("app"), at("env.ts"), at("absent")], at("built"))

test("a build newer than every source is fresh", () => {
  expect(stale()).toBe(false)
})

test("nothing was built yet", () => {
  rmSync(at("built"))
  expect(stale()).toBe(true)
})

test("a source deep inside a folder was saved", () => {
  age("app/create/page.tsx", 3000)
  expect(stale()).toBe(true)
})

test("a file was deleted", () => {
  rmSync(at("app/create/page.tsx"))
  expect(stale()).toBe(true)
})

test("a saved test does not ask for a build", () => {
  age("app/create/page.test.ts", 3000)
  expect(stale()).toBe(false)
})
