import type { Locator } from "@playwright/test"

import { createForm } from "./forms"
import { expect, test, uniqueName, type Page } from "./fixtures"

const posts = (page: Page, answer: Parameters<Page["route"]>[1]) =>
  page.route("**/*", (route, request) =>
    request.method() === "POST" && request.headers()["next-action"] ? answer(route, request) : route.fallback(),
  )

const said = (page: Page) => page.getByRole("main").getByRole("alert")

test.describe("where no answer comes from the server", () => {
  test.beforeEach(({ noise }) =>
    noise.allow(/^failed: POST/, /net::ERR_FAILED/, /status of 50[24]/, /^answered 50[24]/),
  )

  test("the create form stays as it is, says so, and is sent again", async ({ page, alice }) => {
    const form = createForm(page)
    const name = uniqueName("again")
    await page.goto("/create")
    await form.name.fill(name)
    await form.description.fill("Typed at length.")
    await posts(page, (route) => route.abort())
    await form.submit.click()
    await expect(said(page)).toHaveText(/No response from the server/)
    await expect(form.name).toHaveValue(name)
    await expect(form.description).toHaveValue("Typed at length.")

    await page.unrouteAll()
    await form.submit.click()
    await expect(page).toHaveURL(`/${alice.username}/${name}`)
    expect(await alice.modelNames()).toEqual([name])
  })

  test("a model whose answer was lost is not created twice", async ({ page, alice }) => {
    const form = createForm(page)
    const name = uniqueName("lost")
    await page.goto("/create")
    await form.name.fill(name)
    await posts(page, async (route) => {
      await route.fetch({ maxRedirects: 0 })
      await route.fulfill({ status: 504, contentType: "text/html", body: "<h1>Gateway timeout</h1>" })
    })
    await form.submit.click()
    await expect(said(page)).toHaveText(/No response from the server/)
    await page.unrouteAll()
    await form.submit.click()
    await expect(page).toHaveURL(`/${alice.username}/${name}`)
    expect(await alice.modelNames()).toEqual([name])
  })

  test("signing in is tried again with what was typed", async ({ openPage, alice }) => {
    const page = await openPage()
    await page.goto("/signin")
    await page.getByLabel("Username", { exact: true }).fill(alice.username)
    await page.getByLabel("Password", { exact: true }).fill(alice.password)
    await posts(page, (route) => route.abort())
    const submit = page.getByRole("main").getByRole("button", { name: "Sign in" })
    await submit.click()
    await expect(said(page)).toHaveText(/No response from the server/)

    await page.unrouteAll()
    await submit.click()
    await expect(page).not.toHaveURL(/signin/)
  })

  test("a README that was written for an hour is still there", async ({ page, alice }) => {
    const name = await alice.createModel()
    await page.goto(`/${alice.username}/${name}/settings`)
    const text = page.getByRole("main").locator("textarea[name=readme]")
    await text.fill("# An hour's work")
    await posts(page, (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }))
    await page.getByRole("button", { name: "Save README" }).click()
    await expect(said(page)).toHaveText(/No response from the server/)
    await expect(text).toHaveValue("# An hour's work")

    await page.unrouteAll()
    await page.getByRole("button", { name: "Save README" }).click()
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
    await expect(said(page)).toHaveCount(0)
  })

  test("a token keeps its name and what it may do", async ({ page, alice }) => {
    await page.goto("/account/api-tokens")
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible()
    await page.getByLabel("Name", { exact: true }).fill(`laptop of ${alice.username}`)
    await posts(page, (route) => route.abort())
    await page.getByRole("button", { name: "Create token" }).click()
    await expect(said(page)).toHaveText(/No response from the server/)
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue(`laptop of ${alice.username}`)
    for (const scope of ["read", "write", "push"])
      await expect(page.getByRole("checkbox", { name: scope })).toBeChecked()
  })
})

test("a page from before an update of the server says so, and keeps what was typed", async ({ page, alice, noise }) => {
  noise.allow(/status of 409/)
  const form = createForm(page)
  await page.goto("/create")
  await form.name.fill(uniqueName("old-page"))
  await form.description.fill(`By ${alice.username}.`)
  await posts(page, (route, request) =>
    route.continue({ headers: { ...request.headers(), "next-action": `40${"0".repeat(40)}` } }),
  )
  await form.submit.click()
  await expect(said(page)).toHaveText(/The server was updated/)
  await expect(form.description).toHaveValue(`By ${alice.username}.`)
})

test("a form that is too large says so, and keeps what was typed", async ({ page, alice, noise }) => {
  noise.allow(/status of 413/)
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}/settings`)
  const text = page.getByRole("main").locator("textarea[name=readme]")
  const typed = "word ".repeat(250_000)
  await text.fill(typed)
  await page.getByRole("button", { name: "Save README" }).click()
  await expect(said(page)).toHaveText(/This form is larger than 1 MB, so nothing was saved\./)
  expect((await text.inputValue()) === typed).toBe(true)

  await text.fill("# Shorter")
  await page.getByRole("button", { name: "Save README" }).click()
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
})

test("what is sent twice before there is an answer is sent once", async ({ page, alice }) => {
  await page.goto("/account/api-tokens")
  await page.getByLabel("Name", { exact: true }).fill(`once ${alice.username}`)
  await posts(page, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700))
    await route.continue()
  })
  const create = page.getByRole("button", { name: "Create token" })
  await create.dblclick()
  await expect(page.getByRole("status").filter({ hasText: "New token" })).toBeVisible()
  await page.waitForTimeout(1500)
  await page.reload()
  await expect(page.getByRole("button", { name: /^Revoke once / })).toHaveCount(1)

  // The next submit works again.
  await page.unrouteAll()
  await page.getByLabel("Name", { exact: true }).fill("another")
  await create.click()
  await expect(page.getByRole("button", { name: "Revoke another" })).toBeVisible()
  await page.getByLabel("Name", { exact: true }).fill("a third")
  await create.click()
  await expect(page.getByRole("button", { name: "Revoke a third" })).toBeVisible()
})

test.describe("who was signed out meanwhile", () => {
  test("keeps the README, and saves it after signing in in another tab", async ({ page, alice, context, baseURL }) => {
    const name = await alice.createModel()
    await page.goto(`/${alice.username}/${name}/settings`)
    const text = page.getByRole("main").locator("textarea[name=readme]")
    await text.fill("# An hour's work")
    await context.addCookies([{ name: "understudy.session", value: "no longer one", url: baseURL! }])
    await page.getByRole("button", { name: "Save README" }).click()
    await expect(said(page)).toHaveText(/You are signed out\./)
    await expect(text).toHaveValue("# An hour's work")

    await alice.signIn(context)
    await page.getByRole("button", { name: "Save README" }).click()
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
  })

  /** Types into a field, ends the session, and submits: the text stays. */
  async function keeps(page: Page, field: Locator, text: string, button: string) {
    await field.fill(text)
    await page.context().clearCookies()
    await page.getByRole("main").getByRole("button", { name: button, exact: true }).click()
    await expect(said(page)).toHaveText(/You are signed out\./)
    await expect(field).toHaveValue(text)
  }

  test("keeps what a profile says", async ({ page, alice }) => {
    await page.goto("/account")
    await keeps(
      page,
      page.getByLabel("About", { exact: true }),
      `The whole story of ${alice.username}.`,
      "Save profile",
    )
  })

  test("keeps the names of an organization, of a model and of somebody to invite", async ({ page, alice, context }) => {
    const model = await alice.createModel()
    const main = page.getByRole("main")
    await page.goto("/organizations/create")
    await keeps(page, main.getByLabel("Name", { exact: true }), uniqueName("team"), "Create organization")
    await alice.signIn(context)
    await main.getByRole("button", { name: "Create organization" }).click()
    await keeps(page, main.getByLabel("Username"), "somebody", "Invite")

    await alice.signIn(context)
    await page.goto(`/${alice.username}/${model}/settings`)
    await main.getByText("Rename…", { exact: true }).click()
    await keeps(page, main.getByLabel("New name"), "another-name", "Rename")
  })
})
