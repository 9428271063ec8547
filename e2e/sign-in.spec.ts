import type { Page } from "@playwright/test"

import { credentials, expectComplaint } from "./forms"
import { postForm } from "./plain-form"
import { expect, test, uniqueName } from "./fixtures"

const account = (page: Page) => page.getByRole("banner").locator("summary", { hasText: "Your account" })

async function signIn(page: Page, username: string, password: string) {
  const form = credentials(page)
  await form.fill(username, password)
  await form.signIn.click()
}

test("somebody signs out, is a visitor, and signs in again", async ({ page, alice }) => {
  await page.goto("/")
  await account(page).click()
  await page.getByRole("button", { name: "Sign out", exact: true }).click()
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in", exact: true })).toBeVisible()
  await expect(page).toHaveURL("/")

  await page.goto("/create")
  await expect(page).toHaveURL("/signin?next=%2Fcreate")
  await signIn(page, alice.username, alice.password)
  await expect(page).toHaveURL("/create")
  await expect(account(page)).toBeVisible()
})

test("signing out ends the session on the server, not only in this browser", async ({ page, alice }) => {
  expect(new URL((await alice.request.get("/create")).url()).pathname).toBe("/create")
  await page.goto("/")
  await account(page).click()
  await page.getByRole("button", { name: "Sign out", exact: true }).click()
  await expect(account(page)).toHaveCount(0)

  expect(new URL((await alice.request.get("/create")).url()).pathname).toBe("/signin")
})

test("signing in returns to the page that asked for it, with its query", async ({ page, bob }) => {
  const wanted = "/create?name=hotdog&visibility=public"
  await page.goto(wanted)
  await expect(page).toHaveURL(`/signin?next=${encodeURIComponent(wanted)}`)
  await signIn(page, bob.username, bob.password)

  await expect(page).toHaveURL(wanted)
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("hotdog")
})

test("signing in never leads to another site, whatever next says", async ({ page, bob, baseURL }) => {
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
  ])
    await test.step(next, async () => {
      await page.context().clearCookies()
      await page.goto(`/signin?next=${encodeURIComponent(next)}`)
      await signIn(page, bob.username, bob.password)
      await expect(account(page)).toBeVisible()
      await expect(page).toHaveURL(new URL("/", baseURL).href)
    })
})

test("who is signed in is sent on from the sign-in page, and never off this site", async ({ page, alice, baseURL }) => {
  await page.goto("/signin?next=%2Fpricing")
  await expect(page).toHaveURL("/pricing")
  await page.goto("/signin?next=%2F%2Fevil.example")
  await expect(page).toHaveURL(new URL("/", baseURL).href)
  await account(page).click()
  await expect(page.getByRole("banner").locator("details").getByRole("link", { name: "Your models" })).toHaveAttribute(
    "href",
    `/${alice.username}`,
  )
})

test("a wrong password and a name that does not exist get the same answer", async ({ page, bob }) => {
  await page.goto("/signin")
  const answers: string[] = []
  for (const username of [bob.username, uniqueName("nobody")]) {
    await signIn(page, username, "not the password")
    const alert = page.getByRole("main").getByRole("alert")
    await expect(alert).toContainText("The username or password is wrong.")
    await expect(credentials(page).password).toHaveValue("")
    await expect(credentials(page).username).toHaveValue(username)
    answers.push(await alert.innerText())
    await page.reload()
  }
  expect(answers[0]).toBe(answers[1])
})

test("empty fields are complaints at the fields, and the first has the focus", async ({ page }) => {
  await page.goto("/signin")
  const form = credentials(page)
  await form.signIn.click()
  await expectComplaint(form.username, /Enter your username/)
  await expectComplaint(form.password, /Enter your password/)
  await expect(form.username).toBeFocused()
})

test("after ten wrong passwords even the right one has to wait, and the page says how long", async ({ page, bob }) => {
  await page.goto("/signin")
  const form = credentials(page)
  const alert = page.getByRole("main").getByRole("alert")
  for (let attempt = 0; attempt < 10; attempt++) {
    await signIn(page, bob.username, `wrong ${attempt}`)
    await expect(form.password).toHaveValue("")
    await expect(alert).toContainText("is wrong")
  }
  await signIn(page, bob.username, bob.password)
  await expect(alert).toContainText(/Too many attempts to sign in to this account\. Try again in \d+ minutes?\./)
  await expect(page).toHaveURL("/signin")
})

test("signing out clears what this browser kept of the account, drafts included, but not how somebody likes the site", async ({
  page,
  alice,
  noise,
}) => {
  // The name lookup may happen at the moment of sign-out.
  noise.allow(/status of 401 .*model-name/)
  await page.goto("/create")
  await page.getByLabel("Name", { exact: true }).fill("half-typed")
  await expect.poll(() => page.evaluate(() => JSON.stringify(sessionStorage))).toContain("half-typed")
  await page.evaluate(() => localStorage.setItem("left", "behind"))
  await page.getByRole("contentinfo").getByText("Dark").click()

  await page.getByRole("banner").locator("summary", { hasText: "Your account" }).click()
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click()
  await expect(page).toHaveURL("/")
  await expect.poll(() => page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([0, 0])
  await page.reload()
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark")
  expect(await page.content()).not.toContain(alice.username)
})

test("without scripts signing out clears it as well", async ({ bob }) => {
  const answer = await postForm(bob.request, "/pricing", "Sign out", {})
  expect(answer.headers()["clear-site-data"]).toBe('"cache", "storage"')
})
