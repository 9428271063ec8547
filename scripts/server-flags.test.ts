import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

import { serverFlags } from "./server-flags.mjs"

test("the image starts the server with the same options as npm start", () => {
  const command = /^CMD (.+)$/m.exec(readFileSync("Dockerfile", "utf8"))?.[1]
  expect(JSON.parse(command!)).toEqual(["node", ...serverFlags, "server.mjs"])
})

test("the young generation stays small, whatever is allocated", () => {
  const allocate = `let kept = []
    for (let n = 0; n < 3e6; n++) { kept.push({ n }); if (kept.length > 1e6) kept = [] }
    const space = require("v8").getHeapSpaceStatistics().find((one) => one.space_name === "new_space")
    console.log(space.physical_space_size)`
  const size = (flags: string[]) => Number(execFileSync(process.execPath, [...flags, "--eval", allocate]))
  expect(size(serverFlags)).toBeLessThanOrEqual(26e6)
  expect(size([])).toBeGreaterThan(26e6)
})
