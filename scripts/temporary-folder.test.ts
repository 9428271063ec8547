import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"

const program = `
  import { statSync, writeFileSync } from "node:fs"
  import { folderForTests } from "./scripts/temporary-folder.mjs"
  const folder = folderForTests()
  writeFileSync(folder + "/left", "")
  console.log(JSON.stringify({ folder, mode: statSync(folder).mode & 0o777 }))
`

test("the folder for tests can be entered by other accounts, and is gone with the process", () => {
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })
  const { folder, mode } = JSON.parse(said) as { folder: string; mode: number }
  expect(mode).toBe(0o711)
  expect(path.basename(folder)).toMatch(/^us-\w{6}$/)
  expect(existsSync(folder)).toBe(false)
})
