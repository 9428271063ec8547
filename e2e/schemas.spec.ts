import { execFile } from "node:child_process"
import { promisify } from "node:util"

import { temporaryFolder } from "../scripts/temporary-folder.mjs"
import { expect, test } from "./fixtures"
import { ownServer } from "./own-server"

test("a version of every shape of schema that was ever published has its pages, and nothing is said in the log", async () => {
  test.setTimeout(120_000)
  const data = temporaryFolder("schemas")
  const server = await ownServer(data, { ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0" })
  const odd: string[] = []
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--conditions=react-server", "e2e/schemas-data.ts"],
      { env: { ...process.env, DATA_DIR: data, DATABASE_URL: "" } },
    )
    const pages = JSON.parse(stdout.trim().split("\n").at(-1)!) as { path: string; inputs: string[] }[]
    expect(pages.length).toBeGreaterThan(200)
    for (const { path, inputs } of pages) {
      const answer = await fetch(server.origin + path)
      const words = new Set(
        (await answer.text())
          .replaceAll("<!-- -->", "")
          .replace(/<script\b.*?<\/script>/gs, "")
          .split(/<[^>]*>/),
      )
      const untold = inputs.filter((name) => !words.has(name))
      if (answer.status !== 200 || untold.length > 0 || words.has("[object Object]") || words.has("undefined"))
        odd.push(`${path}: ${answer.status}, without ${untold.join(", ")}`)
    }
  } finally {
    await server.stop()
  }
  expect(odd).toEqual([])
  expect(
    server
      .said()
      .split("\n")
      .filter((line) => line !== "" && !/next\.config|is ready at/.test(line)),
  ).toEqual([])
})
