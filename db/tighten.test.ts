import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"

import { tightenDataFolder } from "./tighten"

const folder = mkdtempSync(path.join(tmpdir(), "understudy-tighten-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const modeOf = (name: string) => (statSync(path.join(folder, name)).mode & 0o777).toString(8)

test("what others could read in a data folder is its owner's alone from now on", () => {
  for (const [name, mode] of [
    ["understudy.db", 0o644],
    ["understudy.db-wal", 0o664],
    ["auth-secret", 0o600],
  ] as const) {
    writeFileSync(path.join(folder, name), "x")
    chmodSync(path.join(folder, name), mode)
  }
  for (const name of ["uploads", "registry", "run"]) {
    mkdirSync(path.join(folder, name))
    chmodSync(path.join(folder, name), 0o755)
  }
  symlinkSync("/nowhere", path.join(folder, "elsewhere"))

  const { tightened, refused } = tightenDataFolder(folder)
  expect([tightened.toSorted(), refused]).toEqual([["registry", "understudy.db", "understudy.db-wal", "uploads"], []])
  const modes = ["understudy.db", "understudy.db-wal", "auth-secret", "uploads", "registry", "run"].map(modeOf)
  expect(modes).toEqual(["600", "600", "600", "700", "700", "755"])
  expect(tightenDataFolder(folder)).toEqual({ tightened: [], refused: [] })
})
