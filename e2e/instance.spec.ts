import path from "node:path"
import Database from "better-sqlite3"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, type Instance, test, uniqueName } from "./fixtures"
import { credentials } from "./forms"
import { postForm } from "./plain-form"

test("an empty instance says so, and its first account becomes its administrator", async ({ instance, openPage }) => {
  const { origin } = await instance()
  const page = await openPage({ baseURL: origin })
  await page.goto("/explore")
  await expect(page.getByRole("main")).toContainText("No public models yet")
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)

  await page.goto("/")
  await expectAccessible(page)
  await page.getByRole("main").getByRole("link", { name: "Create the first account" }).click()
  await expect(page.getByRole("main")).toContainText("becomes the administrator")
  await expectAccessible(page)
  await credentials(page).fill("first", "correct horse battery")
  await credentials(page).createAccount.click()
  await expect(page).toHaveURL(`${origin}/create`)

  const second = await openPage({ baseURL: origin })
  await second.goto("/signup")
  await expect(credentials(second).createAccount).toBeVisible()
  await expect(second.getByRole("main")).not.toContainText("administrator")
})

test("where sign-up is closed the page says whom to ask, and nothing offers it", async ({ instance, openPage }) => {
  const { origin } = await instance({ SIGNUP: "closed" })
  const page = await openPage({ baseURL: origin })
  await page.goto("/signup")
  await expect(page.getByRole("main")).toContainText("Sign-up is closed")
  await expect(credentials(page).createAccount).toHaveCount(0)
  await expectAccessible(page)
  await page.getByRole("main").getByRole("link", { name: "Sign in", exact: true }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in")
  await expect(page.getByRole("main").getByRole("link", { name: "Create an account" })).toHaveCount(0)
})

test("behind https the cookie is bound to the host, and every address shown is the public one", async ({
  instance,
  playwright,
}) => {
  const { origin } = await instance({ PUBLIC_URL: "https://models.example.com", TRUST_PROXY: "1" })
  const request = await playwright.request.newContext({
    baseURL: origin,
    extraHTTPHeaders: { "x-forwarded-host": "models.example.com", "x-forwarded-proto": "https" },
  })
  const home = await (await request.get("/")).text()
  expect(home).toContain("https://models.example.com/v1/models")
  expect(home).not.toContain(origin)

  const form = [
    "/signup",
    "Create account",
    { username: uniqueName("secure"), password: "correct horse battery" },
  ] as const
  expect((await postForm(request, ...form, origin)).headers()["set-cookie"]).toBeUndefined()
  const answer = await postForm(request, ...form, "https://models.example.com")
  expect(answer.status()).toBe(303)
  const cookie = answer.headers()["set-cookie"]!
  expect(cookie).toMatch(/^__Host-understudy\.session=/)
  for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=lax"])
    expect(cookie.toLowerCase()).toContain(attribute.toLowerCase())
  await request.dispose()
})

test("without PUBLIC_URL, what a trusted proxy says of https decides whether the cookie is bound to it", async ({
  instance,
  playwright,
}) => {
  const { origin } = await instance({ TRUST_PROXY: "1" })
  for (const proto of ["https", "http"] as const) {
    const host = "models.example.com"
    const request = await playwright.request.newContext({
      baseURL: origin,
      extraHTTPHeaders: { "x-forwarded-host": host, "x-forwarded-proto": proto },
    })
    const form = { username: uniqueName(proto), password: "correct horse battery" }
    const answer = await postForm(request, "/signup", "Create account", form, `${proto}://${host}`)
    expect(answer.status()).toBe(303)
    const cookie = answer.headers()["set-cookie"]!
    expect(cookie.startsWith("__Host-understudy.session=")).toBe(proto === "https")
    expect(/; *secure/i.test(cookie)).toBe(proto === "https")
    expect(answer.headers()["strict-transport-security"] !== undefined).toBe(proto === "https")
    await request.dispose()
  }
})

test.describe("when the database fails", () => {
  test.beforeEach(({ noise }) =>
    noise.allow(/status of 500/, /^answered 500/, /^console error: Error: Minified React error #441/),
  )

  /** Removes a table, and returns a function that restores it. */
  function withoutTable({ data }: Instance, table: string) {
    const rename = (from: string, to: string) => {
      const database = new Database(path.join(data, "understudy.db"))
      database.pragma("legacy_alter_table = 1")
      database.exec(`alter table ${from} rename to ${to}`)
      database.close()
    }
    rename(table, "away")
    return () => rename("away", table)
  }

  test("the page says that something went wrong, what to mention, and recovers with one click", async ({
    sharedInstance,
    openPage,
  }) => {
    const own = await sharedInstance()
    const page = await openPage({ baseURL: own.origin })
    const putBack = withoutTable(own, "models")
    const answer = await page.goto("/explore")
    expect(answer!.status()).toBe(500)
    await expect(page.getByRole("alert").getByRole("heading")).toHaveText("This page could not be displayed")
    await expect(page.getByRole("alert").locator("code")).toHaveText(/^\w+/)
    await expect(page.getByRole("banner")).toBeVisible()
    expect(await page.content()).not.toContain("no such table")
    await expectAccessible(page)

    putBack()
    await page.getByRole("button", { name: "Try again" }).click()
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Explore models")
  })

  test("even without the frame around the page there is something to read and to press", async ({
    sharedInstance,
    openPage,
  }) => {
    const own = await sharedInstance()
    const page = await openPage({ baseURL: own.origin })
    await page.goto("/signup")
    await credentials(page).fill(uniqueName("somebody"), "correct horse battery")
    await credentials(page).createAccount.click()
    await expect(page).toHaveURL(`${own.origin}/create`)

    const putBack = withoutTable(own, "sessions")
    await page.goto("/pricing")
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Understudy is not available right now")
    expect(await page.content()).not.toContain("no such table")
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)

    putBack()
    await page.getByRole("button", { name: "Try again" }).click()
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Pricing")
  })
})

test("who asks for too much gets a page in a browser, and a sentence otherwise", async ({
  instance,
  openPage,
  noise,
}) => {
  noise.allow(/status of 429/)
  const { origin } = await instance({ ANONYMOUS_RATE_LIMIT_PER_MINUTE: "1" })
  // The limit for pages is five times as high.
  for (let asked = 0; asked < 5; asked++) await fetch(`${origin}/pricing`)
  const page = await openPage({ baseURL: origin })
  const answer = await page.goto("/pricing")
  expect(answer!.status()).toBe(429)
  expect(Number(answer!.headers()["retry-after"])).toBeGreaterThan(0)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Too many requests")
  await expect(page.getByRole("main")).toContainText(/Try again in \d+ seconds\./)
  const told = await fetch(`${origin}/pricing`)
  expect([told.status, await told.text()]).toEqual([
    429,
    expect.stringMatching(/^Too many requests\. Try again in \d+ seconds\.$/m),
  ])
})
