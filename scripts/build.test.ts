import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { sources } from "./build.mjs"
import { addCompileHints } from "./compile-hints.mjs"
import { fingerprintOf } from "./fingerprint.mjs"

const page = "app/create/page.tsx"

function aProject() {
  const folder = mkdtempSync(path.join(tmpdir(), "understudy-build-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const at = (name: string) => path.join(folder, name)
  const save = (name: string, time = new Date(2026, 1, 1)) => {
    mkdirSync(path.dirname(at(name)), { recursive: true })
    writeFileSync(at(name), "")
    utimesSync(at(name), time, time)
  }
  save(page)
  save("env.ts")
  return {
    save,
    remove: (name: string) => rmSync(at(name)),
    fingerprint: () => fingerprintOf([at("app"), at("env.ts"), at("absent")]),
  }
}

/** Whether a change makes an earlier build stale. */
function isStaleAfter(change: (project: ReturnType<typeof aProject>) => void) {
  const project = aProject()
  const before = project.fingerprint()
  change(project)
  return project.fingerprint() !== before
}

test("a build lasts while nothing changes", () => {
  expect(isStaleAfter(() => {})).toBe(false)
})

test("a source deep inside a folder was saved, or put back as it was a year ago", () => {
  expect(isStaleAfter(({ save }) => save(page, new Date()))).toBe(true)
  expect(isStaleAfter(({ save }) => save(page, new Date(2025, 1, 1)))).toBe(true)
})

test("a source was added or removed", () => {
  expect(isStaleAfter(({ save }) => save("app/page.tsx"))).toBe(true)
  expect(isStaleAfter(({ remove }) => remove(page))).toBe(true)
})

test("a test comes and goes without a build", () => {
  expect(isStaleAfter(({ save }) => save("app/create/page.test.ts"))).toBe(false)
})

test("everything that is built gets into the container's image, and what holds data does not", () => {
  const kept = readFileSync(".dockerignore", "utf8").split("\n")
  expect(kept).toContain("*")
  for (const source of sources.filter((path) => existsSync(path))) expect(kept).toContain(`!${source}`)
  for (const name of ["data", ".env", ".git"]) expect(kept).not.toContain(`!${name}`)
})

test("the scripts of every page, and no others, are compiled while they arrive; once marked, they stay as they are", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "understudy-build-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const save = (name: string, content: string) => writeFileSync(path.join(folder, name), content)
  save("build-manifest.json", JSON.stringify({ polyfillFiles: ["old.js"], rootMainFiles: ["react.js", "router.js"] }))
  for (const name of ["old.js", "react.js", "router.js"]) save(name, `start("${name}")`)
  for (let build = 0; build < 2; build++) addCompileHints(folder)
  const first = (name: string) => readFileSync(path.join(folder, name), "utf8").split("\n")
  expect(first("react.js")).toEqual(["//# allFunctionsCalledOnLoad", 'start("react.js")'])
  expect(first("router.js")).toEqual(["//# allFunctionsCalledOnLoad", 'start("router.js")'])
  expect(first("old.js")).toEqual(['start("old.js")'])
})
