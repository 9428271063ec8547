import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, onTestFinished, test } from "vitest"

import { importsDatabase } from "./imports.mjs"

/** Whether the first of some files imports the database; each has a name and a text. */
function isOnDatabase(files: Record<string, string>) {
  const folder = mkdtempSync(path.join(tmpdir(), "understudy-imports-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return importsDatabase(path.join(folder, Object.keys(files)[0]!))
}

test("a file imports the database directly, through others, only when it runs, and as one of two that import each other", () => {
  expect(isOnDatabase({ "a.ts": 'import { read } from "@/db"\n' })).toBe(true)
  expect(isOnDatabase({ "a.ts": 'import "./b"\n', "b.ts": 'export { dialect } from "@/db/kit"\n' })).toBe(true)
  expect(isOnDatabase({ "a.ts": 'test("x", async () => void (await import("@/db")))\n' })).toBe(true)
  expect(
    isOnDatabase({ "a.ts": 'import "./b"\n', "b.ts": 'import "./a"\nimport { openPostgres } from "@/db/postgres"\n' }),
  ).toBe(true)
})

test("a file that imports something else does not", () => {
  expect(isOnDatabase({ "a.ts": 'import "./b"\nimport { z } from "zod"\n', "b.ts": 'import "./a"\n' })).toBe(false)
})

test("the tests of stores do, and those of words do not", () => {
  expect(importsDatabase("lib/models/search.test.ts")).toBe(true)
  expect(importsDatabase("app/v1/models.test.ts")).toBe(true)
  expect(importsDatabase("lib/amount.test.ts")).toBe(false)
})
