import type { BrowserContext, Page } from "@playwright/test"

import { expect, test } from "./fixtures"

// Tests use one browser profile after another, so nothing of a test may be left for the next.

test.describe.configure({ mode: "serial" })

const before: { context?: BrowserContext; page?: Page } = {}
let heard = 0

/** All that a page can find out about what was there before it. */
const remains = (page: Page) =>
  page.evaluate(async () => ({
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    file: await (await navigator.storage.getDirectory()).getFileHandle("left").then(
      () => "there",
      () => "none",
    ),
    name: window.name,
    pages: history.length,
    clipboard: (await navigator.permissions.query({ name: "clipboard-read" as PermissionName })).state,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
    forced: matchMedia("(forced-colors: active)").matches,
    print: matchMedia("print").matches,
    width: innerWidth,
    hovered: document.querySelector("h1:hover, a:hover") !== null,
    routed: (await fetch("/robots.txt")).status === 418,
  }))

let fresh: Awaited<ReturnType<typeof remains>>

test("a new profile", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL })
  const page = await context.newPage()
  await page.goto("/pricing")
  fresh = await remains(page)
  await context.close()
})

test("whatever a test leaves in its profile", async ({ page, context, noise }) => {
  noise.allow(/status of 418/)
  await page.goto("/explore")
  await page.goto("/pricing")
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce", forcedColors: "active", media: "print" })
  await page.setViewportSize({ width: 400, height: 600 })
  await page.getByRole("heading", { level: 1 }).hover()
  await context.grantPermissions(["clipboard-read"])
  await context.route("**/robots.txt", (route) => route.fulfill({ status: 418 }))
  page.on("load", () => heard++)
  page.on("dialog", () => heard++)
  await page.evaluate(async () => {
    document.cookie = "left=1"
    localStorage.setItem("left", "1")
    sessionStorage.setItem("left", "1")
    window.name = "left"
    await new Promise((resolve) => (indexedDB.open("left").onsuccess = resolve))
    await (await caches.open("left")).put("/left", new Response("left"))
    await (await navigator.storage.getDirectory()).getFileHandle("left", { create: true })
    addEventListener("pagehide", () => sessionStorage.setItem("late", "1"))
  })
  const found = await remains(page)
  for (const [what, value] of Object.entries(found))
    expect(value, `${what} is told`).not.toEqual(fresh[what as keyof typeof fresh])
  Object.assign(before, { context, page })
})

test("is gone for the next, which has the same profile", async ({ page, context }) => {
  expect(context).toBe(before.context)
  expect(page).toBe(before.page)
  heard = 0
  await page.goto("/pricing")
  expect(await remains(page)).toEqual(fresh)
  await page.evaluate(() => alert("Nobody has to answer this."))
  expect(heard).toBe(0)
  await page.addInitScript(() => (window.name = "added"))
})

test("and what cannot be taken away takes the profile with it", async ({ page, context, openPage }) => {
  expect(context).not.toBe(before.context)
  await page.goto("/pricing")
  expect(await remains(page)).toEqual(fresh)
  const other = await openPage()
  expect(other.context()).not.toBe(context)
})
