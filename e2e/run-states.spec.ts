import { execFile } from "node:child_process"
import { promisify } from "node:util"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, type Page } from "./fixtures"

// Every state of the pages on which models are run, as people meet it. With SHOTS=folder, pictures of all are left there.

type States = { cookie: string; pages: Record<string, string>; shared: Record<string, string> }
const shots = process.env.SHOTS

test("axe finds nothing in any state of runs, batches and trials, and nothing scrolls sideways", async ({
  instance,
  openPage,
  noise,
}) => {
  test.setTimeout(900_000)
  // The picture of a version that never ran.
  noise.allow(/example\.com|ERR_|Content Security Policy/)
  const { origin, data } = await instance({ ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0" })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "e2e/run-states-data.ts"],
    { env: { ...process.env, DATA_DIR: data, DATABASE_URL: "" } },
  )
  const { cookie, pages, shared } = JSON.parse(stdout.trim().split("\n").at(-1)!) as States
  const [mine, strangers] = [await openPage({ baseURL: origin }), await openPage({ baseURL: origin })]
  await mine.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }])
  const odd: string[] = []
  for (const [page, states] of [
    [mine, pages],
    [strangers, shared],
  ] as const)
    for (const [name, path] of Object.entries(states)) {
      const answer = await page.goto(path)
      if (shots) await picture(page, name)
      await check(page, answer?.status()).catch((error: Error) => odd.push(`${name}: ${error.message}`))
    }
  expect(odd).toEqual([])
})

async function check(page: Page, status: number | undefined) {
  expect(status).toBe(200)
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
}

async function picture(page: Page, name: string) {
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.setViewportSize({ width, height: 860 })
      await page.waitForTimeout(500)
      const path = `${shots}/${name.replaceAll(/\W+/g, "-")}.${width}.${colorScheme}.png`
      await page.screenshot({ path, fullPage: true })
    }
}
