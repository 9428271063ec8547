import { readFile } from "node:fs/promises"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { main, openPlayground, output, ownEcho, signUp } from "./echo"
import { expect, test } from "./fixtures"

test.describe.configure({ timeout: 240_000 })

test("fifty megabytes of logs arrive without blocking the page, and are searched, shown in full screen and downloaded", async ({
  sharedInstance,
  openPage,
}) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  const piece = `needle\n${`\u001b[32m${"x".repeat(90)}\u001b[0m\n`.repeat(50_000)}`
  let pieces = 0
  const asked: number[] = []
  // The server keeps a megabyte of logs, so the test adds more to its responses.
  await page.route("**/api/web/predictions/*", async (route) => {
    const response = await route.fetch()
    const body = await response.json()
    asked.push(JSON.stringify(body).length)
    if (body.added.logs !== undefined && pieces < 10) {
      body.added.logs += piece
      pieces++
    }
    await route.fulfill({ response, json: body })
  })
  await openPlayground(page, model)
  await page.evaluate(() => {
    const longest = ((globalThis as Record<string, unknown>).longest = { task: 0 })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.task = Math.max(longest.task, duration)
    }).observe({ type: "longtask" })
  })
  await main(page).getByLabel(/^text/).fill("talks a lot")
  await main(page)
    .getByLabel(/^delay/)
    .fill("600")
  await main(page).getByLabel(/^log/).check()
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  await output(page).getByText("Logs", { exact: true }).click()
  await expect.poll(() => pieces, { timeout: 120_000 }).toBe(10)
  await output(page).getByLabel("Search: Logs").fill("needle")
  await expect(output(page)).toContainText(/10 of 500,0\d\d lines/, { timeout: 60_000 })
  const task = await page.evaluate(() => (globalThis as unknown as { longest: { task: number } }).longest.task)
  console.log(`longest task while 50 MB of logs arrived and were searched: ${Math.round(task)} ms`)
  // Usually a few hundred milliseconds, even while other tests keep the processors busy.
  expect(task).toBeLessThan(1500)
  // After the first response, none repeats what the page already has.
  expect(Math.max(...asked.slice(1))).toBeLessThan(5000)

  const download = page.waitForEvent("download")
  await output(page).getByRole("button", { name: "Download: Logs" }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^[0-9a-z]{26}-logs\.txt$/)
  const text = await readFile(await file.path(), "utf8")
  expect(text.length).toBeGreaterThan(50_000_000)
  expect(text.match(/needle/g)).toHaveLength(10)

  await output(page).getByRole("button", { name: "Full screen: Logs" }).click()
  const full = page.getByRole("dialog", { name: /^Logs: [0-9a-z]{26}, (starting|processing)$/ })
  await expect(full.getByRole("region", { name: "Logs" })).toContainText("needle")
  await expect(full.getByRole("region", { name: "Logs" })).toBeFocused()
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.keyboard.press("Escape")
  await expect(full).toHaveCount(0)
  await expect(output(page).getByRole("button", { name: "Full screen: Logs" })).toBeFocused()
  await output(page).getByRole("button", { name: "Full screen: Logs" }).click()
  await full.getByRole("button", { name: "Close full screen" }).click()
  await expect(full).toHaveCount(0)
  await page.unrouteAll({ behavior: "ignoreErrors" })
})
