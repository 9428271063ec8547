import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { createForm, credentials, expectComplaint } from "./forms"
import { expect, test, uniqueName, type Account, type Page } from "./fixtures"

type Scene = { title: string; path: (alice: Account, model: string) => string; act?: (page: Page) => Promise<void>; missing?: true }

const at = (path: string) => () => path
const model = (part = "") => (alice: Account, name: string) => `/${alice.username}/${name}${part}`

async function openMenu(page: Page, name: string) {
  await page.getByRole("banner").locator("summary", { hasText: name }).click()
}

async function refuseCredentials(page: Page, button: "signIn" | "createAccount") {
  const form = credentials(page)
  await form[button].click()
  await expectComplaint(form.username, /./)
  await expectComplaint(form.password, /./)
}

const forVisitors: Scene[] = [
  { title: "home", path: at("/") },
  { title: "explore", path: at("/explore") },
  { title: "a search without a match", path: at("/explore?q=no-such-model") },
  { title: "a model", path: model() },
  { title: "a model's API tab", path: model("/api") },
  { title: "a profile", path: (alice) => `/${alice.username}` },
  { title: "sign in", path: at("/signin") },
  { title: "sign in, refused", path: at("/signin"), act: (page) => refuseCredentials(page, "signIn") },
  { title: "sign up", path: at("/signup?next=%2Fpricing") },
  { title: "sign up, refused", path: at("/signup"), act: (page) => refuseCredentials(page, "createAccount") },
  { title: "pricing", path: at("/pricing") },
  { title: "API reference", path: at("/docs/api") },
  { title: "not found", path: at("/nobody-of-this-name"), missing: true },
]

const forMembers: Scene[] = [
  { title: "home", path: at("/"), act: (page) => openMenu(page, "Your account") },
  { title: "create", path: at("/create") },
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
  { title: "a model of one's own", path: model() },
  { title: "its API tab", path: model("/api") },
  { title: "one's own profile", path: (alice) => `/${alice.username}` },
  { title: "API tokens", path: at("/account/api-tokens") },
  {
    title: "API tokens, with a new one shown",
    path: at("/account/api-tokens"),
    async act(page) {
      await page.getByRole("main").getByLabel("Name", { exact: true }).fill("laptop")
      await page.getByRole("button", { name: "Create token", exact: true }).click()
      await expect(page.getByRole("region", { name: "Your new token" })).toBeVisible()
    },
  },
  { title: "organizations", path: at("/organizations") },
  { title: "a new organization", path: at("/organizations/create") },
  { title: "the account's events", path: at("/account/events") },
  { title: "not found", path: at("/nobody-of-this-name"), missing: true },
]

for (const [who, scenes] of [["a visitor", forVisitors], ["somebody signed in", forMembers]] as const) {
  test.describe(`axe finds nothing in light or dark, and nothing scrolls sideways, for ${who}:`, () => {
    for (const { title, path, act, missing } of scenes) {
      test(title, async ({ page, openAccount, context, noise }) => {
        if (missing) noise.allowMissingPage()
        const alice = await openAccount(uniqueName("alice"))
        if (who === "somebody signed in") await alice.signIn(context)
        const name = path.length > 1 ? await alice.createModel({ description: "Reads labels", github_url: "https://example.com" }) : ""
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
  const profile = page.getByRole("link", { name: "Your profile" })
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
  const skip = page.getByRole("link", { name: "Skip to the content" })
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
