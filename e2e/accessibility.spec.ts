import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { createForm, credentials, expectComplaint } from "./forms"
import { expect, test, uniqueName, type Account, type Page } from "./fixtures"
import { foldersWith, createTargets, type AuthorizationData } from "./authorization-targets"
import { pages, visit, visits } from "./every-page"

type Scene = {
  title: string
  path: (alice: Account, model: string) => string
  act?: (page: Page) => Promise<void>
  missing?: true
}

const at = (path: string) => () => path
const model =
  (part = "") =>
  (alice: Account, name: string) =>
    `/${alice.username}/${name}${part}`

async function openMenu(page: Page, name: string) {
  await page.getByRole("banner").locator("summary", { hasText: name }).click()
}

async function refuseCredentials(page: Page, button: "signIn" | "createAccount") {
  const form = credentials(page)
  await form[button].click()
  await expectComplaint(form.username, /./)
  await expectComplaint(form.password, /./)
}

test("every page is looked at, and nothing that is none", () => {
  expect(Object.keys(pages).sort()).toEqual(foldersWith(/^page\.tsx$/).sort())
})

test.describe("axe finds nothing in light or dark, and nothing scrolls sideways:", () => {
  let data: AuthorizationData
  test.beforeAll(async () => {
    data = await createTargets()
  })
  for (const { pattern, who } of visits)
    test(`${pattern}, ${who}`, async ({ page }) => {
      // The API documentation is a long page.
      test.setTimeout(240_000)
      await visit(page, data, pattern, who)
      await expectAccessible(page)
      await expectNoSidewaysScroll(page)
    })
})

// The states of a page.

const forVisitors: Scene[] = [
  { title: "a search without a match", path: at("/explore?q=no-such-model") },
  { title: "a model without a version", path: model() },
  { title: "sign in, refused", path: at("/signin"), act: (page) => refuseCredentials(page, "signIn") },
  { title: "sign up, on the way elsewhere", path: at("/signup?next=%2Fpricing") },
  { title: "sign up, refused", path: at("/signup"), act: (page) => refuseCredentials(page, "createAccount") },
  { title: "a link to a new password that is over", path: at("/signin/reset/none"), missing: true },
  { title: "not found", path: at("/nobody-of-this-name"), missing: true },
]

const forMembers: Scene[] = [
  { title: "home, with the menu open", path: at("/"), act: (page) => openMenu(page, "Your account") },
  {
    title: "the command palette",
    path: at("/pricing"),
    async act(page) {
      await page.keyboard.press("Control+K")
      await expect(page.getByRole("dialog")).toBeVisible()
      await page.keyboard.type("new")
      await expect(page.getByRole("option").first()).toBeVisible()
    },
  },
  {
    title: "create, refused, with More open",
    path: at("/create?hardware=nonsense&visibility=nonsense"),
    async act(page) {
      const form = createForm(page)
      await form.description.fill("d".repeat(501))
      await form.more.click()
      await form.link("Paper URL").fill("nonsense")
      await form.submit.click()
      await expectComplaint(form.name, /./)
      await expectComplaint(form.link("Paper URL"), /./)
    },
  },
  {
    title: "an empty model of one's own, with its token shown",
    path: model(),
    async act(page) {
      await page.getByRole("button", { name: "Create token" }).click()
      await expect(page.getByText(/^Token of \S+ for this model$/)).toBeVisible()
    },
  },
  {
    title: "settings, with the step to another visibility and a preview open",
    path: model("/settings"),
    async act(page) {
      await page.getByText("Make it private…").click()
      await page.getByRole("tab", { name: "Preview" }).click()
      await expect(page.getByText("Nothing to preview yet.")).toBeVisible()
    },
  },
  {
    title: "API tokens, with a new one shown",
    path: at("/account/api-tokens"),
    async act(page) {
      await page.getByRole("main").getByLabel("Name", { exact: true }).fill("laptop")
      await page.getByRole("button", { name: "Create token", exact: true }).click()
      await expect(page.getByRole("region", { name: "Created token" })).toBeVisible()
    },
  },
  { title: "an audit log in which nothing like that happened", path: at("/account/events?actor=nobody") },
  { title: "not found", path: at("/nobody-of-this-name"), missing: true },
]

for (const [who, scenes] of [
  ["a visitor", forVisitors],
  ["somebody signed in", forMembers],
] as const) {
  test.describe(`axe finds nothing in light or dark, and nothing scrolls sideways, in the states that ${who} meets:`, () => {
    for (const { title, path, act, missing } of scenes) {
      test(title, async ({ page, openAccount, context, noise }) => {
        if (missing) noise.allowMissingPage()
        const alice = await openAccount(uniqueName("alice"))
        if (who === "somebody signed in") await alice.signIn(context)
        const name =
          path.length > 1
            ? await alice.createModel({ description: "Reads labels", github_url: "https://example.com" })
            : ""
        await page.goto(path(alice, name))
        await act?.(page)
        await expectAccessible(page)
        await expectNoSidewaysScroll(page)
      })
    }
  })
}

test("the small-screen menu is accessible too, signed in or not", async ({ openPage, alice }) => {
  for (const as of [undefined, alice]) {
    const page = await openPage({ as, viewport: { width: 320, height: 800 } })
    await page.goto("/")
    await openMenu(page, "Menu")
    await expect(page.getByRole("banner").getByRole("link", { name: "Pricing" })).toBeVisible()
    await expectAccessible(page)
  }
})

test("menus open with the keyboard, close with Escape and give the focus back", async ({ page, alice }) => {
  await page.goto("/")
  const menu = page.getByRole("banner").locator("summary", { hasText: "Your account" })
  await menu.focus()
  await page.keyboard.press("Enter")
  const profile = page.getByRole("banner").locator("details").getByRole("link", { name: "Your models" })
  await expect(profile).toBeVisible()
  await page.keyboard.press("Tab")
  await expect(profile).toBeFocused()
  await page.keyboard.press("Escape")
  await expect(profile).toBeHidden()
  await expect(menu).toBeFocused()
  expect(alice.username).toBeTruthy()
})

test("the first Tab offers to skip to the content", async ({ page }) => {
  await page.goto("/explore")
  await page.keyboard.press("Tab")
  const skip = page.getByRole("link", { name: "Skip to content" })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()
  await page.keyboard.press("Enter")
  await expect(page.getByRole("main")).toBeFocused()
})

test("the chosen theme holds from the first byte, on every page, over the system's", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.emulateMedia({ colorScheme: "light" })
  await page.goto("/")
  const light = await background()
  await page.getByRole("contentinfo").getByRole("radio", { name: "Dark" }).check()
  const dark = await background()
  expect(dark).not.toBe(light)

  await page.goto("/pricing")
  expect(await background()).toBe(dark)
  expect(await (await page.request.get("/explore")).text()).toContain('data-theme="dark"')
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: "light" })
  await page.getByRole("contentinfo").getByRole("radio", { name: "Light" }).check()
  await page.emulateMedia({ colorScheme: "dark" })
  await page.reload()
  expect(await background()).toBe(light)
  await page.getByRole("contentinfo").getByRole("radio", { name: "System" }).check()
  expect(await background()).toBe(dark)
})
