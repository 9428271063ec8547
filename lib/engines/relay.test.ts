import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, test } from "vitest"

import { enterWithRelay } from "./relay"

const noProcess = 2 ** 22 + 1

test("a relay that starts can read its program whole while another one starts", async () => {
  const sockets = mkdtempSync(path.join(tmpdir(), "understudy-relay-"))
  const program = path.join(sockets, "relay.mjs")
  writeFileSync(program, "the program of a relay that starts")
  const reading = openSync(program, "r")
  try {
    await expect(enterWithRelay(noProcess, path.join(sockets, "id"), path.join(sockets, "id.relay"))).rejects.toThrow()
    expect(readFileSync(reading, "utf8")).toBe("the program of a relay that starts")
    expect(readFileSync(program, "utf8")).toBe(readFileSync("lib/engines/relay-program.mjs", "utf8"))
    expect(statSync(program).mode & 0o777).toBe(0o644)
  } finally {
    closeSync(reading)
    rmSync(sockets, { recursive: true })
  }
})
