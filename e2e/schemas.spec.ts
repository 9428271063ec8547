import { temporaryFolder } from "../scripts/temporary-folder.mjs"
import { expect, test } from "./fixtures"
import { ownServer } from "./own-server"
import { runScript } from "./run-script"

test("a version of every shape of schema that was ever published has its pages, and nothing is said in the log", async () => {
  test.setTimeout(120_000)
  const data = temporaryFolder("schemas")
  const server = await ownServer(data, { ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0" })
  const odd: string[] = []
  try {
    const pages = await runScript<{ path: string; inputs: string[] }[]>("schemas-data", data)
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
