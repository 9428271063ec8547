import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, uniqueName, type Page } from "./fixtures"

const palette = (page: Page) => page.getByRole("dialog", { name: "Command palette" })
const field = (page: Page) => palette(page).getByRole("combobox", { name: "Search models and commands" })
const options = (page: Page) => palette(page).getByRole("option")

async function open(page: Page) {
  // Shortcuts work once the page's scripts run.
  await expect(async () => {
    if (!(await palette(page).isVisible())) await page.keyboard.press("Control+k")
    await expect(field(page)).toBeFocused({ timeout: 1500 })
  }).toPass()
}

test("the keys or the button open it, Escape closes it and gives the focus back", async ({ page, alice }) => {
  await page.goto(`/${alice.username}`)
  await open(page)
  await page.keyboard.press("Escape")
  await expect(palette(page)).toBeHidden()

  const button = page.getByRole("banner").getByRole("button", { name: "Search" })
  await expect(button).toBeVisible()
  await button.click()
  await expect(field(page)).toBeFocused()
  await page.keyboard.press("Control+k")
  await expect(palette(page)).toBeHidden()
  await expect(button).toBeFocused()
})

test("what is typed before it is there arrives in it", async ({ page, alice }) => {
  await page.goto(`/${alice.username}`, { waitUntil: "networkidle" })
  await page.route("**/*.js", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700))
    await route.continue()
  })
  await page.keyboard.press("Control+k")
  await page.keyboard.type("new tokex")
  await page.keyboard.press("Backspace")
  await page.keyboard.type("n")
  await expect(field(page)).toHaveValue("new token")
  await expect(options(page).first()).toHaveText("New API token")
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/api-tokens/)
})

test("if it cannot be loaded, the page keeps what was typed and says so, and the next try loads it", async ({
  page,
  alice,
  noise,
}) => {
  noise.allow(/^failed: GET .*\.js net::ERR_FAILED$/)
  noise.allow(/^console error: Failed to load resource: net::ERR_FAILED/)
  await page.goto(`/explore?q=${alice.username}`, { waitUntil: "networkidle" })
  const words = page.getByPlaceholder("Name, owner or description")
  await page.route("**/*.js", (route) => route.abort())
  await page.keyboard.press("Control+k")
  await expect(page.getByRole("alert").filter({ hasText: "The search could not be loaded" })).toBeVisible()
  await expect(words).toHaveValue(alice.username)
  await page.unrouteAll()
  await page.keyboard.press("Control+k")
  await expect(field(page)).toBeFocused()
  await expect(page.getByText("The search could not be loaded")).toBeHidden()
})

test("keys alone lead to a model: one's own private ones first, another's never", async ({
  page,
  alice,
  bob,
  openPage,
}) => {
  const mark = uniqueName("pal").replace("-", "")
  const own = await alice.createModel({ name: `${mark}-secret`, visibility: "private" })
  const others = await bob.createModel({ name: `${mark}-public` })
  await bob.createModel({ name: `${mark}-bobs-own`, visibility: "private" })
  await page.goto("/")
  await open(page)
  await page.keyboard.type(mark)
  await expect(options(page)).toHaveText([
    new RegExp(`${alice.username}/${own}.*Private`),
    `${bob.username}/${others}`,
    `Search all models for “${mark}”`,
  ])
  // At the end of the row, with or without a description before it.
  const [row, badge] = [
    (await options(page).first().boundingBox())!,
    (await options(page).first().getByText("Private").boundingBox())!,
  ]
  expect(row.x + row.width - (badge.x + badge.width)).toBeLessThan(24)
  await expect(palette(page).getByRole("status")).toHaveText("3 results")
  await expect(field(page)).toHaveAttribute("aria-activedescendant", (await options(page).first().getAttribute("id"))!)
  await page.keyboard.press("ArrowDown")
  await expect(options(page).nth(1)).toHaveAttribute("aria-selected", "true")
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(`/${bob.username}/${others}`)

  const visitor = await openPage()
  await visitor.goto("/")
  await open(visitor)
  await visitor.keyboard.type(mark)
  await expect(options(visitor)).toHaveText([`${bob.username}/${others}`, `Search all models for “${mark}”`])
})

test("it acts: create, new token, profile, theme, sign out", async ({ page, alice }) => {
  const goes = [
    ["create a", "/create"],
    ["new api", /\/account\/api-tokens/],
    ["your mod", `/${alice.username}`],
    ["pricing", "/pricing"],
    ["api ref", "/docs/api"],
    ["collections", "/collections"],
  ] as const
  for (const [typed, address] of goes) {
    await page.goto("/explore")
    await open(page)
    await page.keyboard.type(typed)
    await expect(options(page).first()).toHaveAttribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page).toHaveURL(address)
  }
  for (const theme of ["dark", "light"]) {
    await open(page)
    await field(page).fill(`theme: ${theme}`)
    await expect(options(page).first()).toHaveText(new RegExp(theme, "i"))
    await expect(options(page).first()).toHaveAttribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme)
  }
  await page.reload()
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light")
  await open(page)
  await field(page).fill("sign out")
  await expect(options(page).first()).toHaveText(/sign out/i)
  await page.keyboard.press("Enter")
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible()
})

test("an answer that comes late never replaces a newer one, and one that fails leaves the commands", async ({
  page,
  bob,
  noise,
}) => {
  noise.allow(/^failed: GET .*suggestions/, /Failed to load resource/)
  const mark = uniqueName("pal").replace("-", "")
  const [early, late] = [
    await bob.createModel({ name: `${mark}early` }),
    await bob.createModel({ name: `${mark}late` }),
  ]
  await page.goto("/")
  await page.route(new RegExp(`suggestions\\?q=${mark}early`), async (route) => {
    await new Promise((resume) => setTimeout(resume, 1500))
    await route.continue().catch(() => {})
  })
  await open(page)
  const asked = page.waitForRequest(new RegExp(`q=${mark}early`))
  await field(page).fill(early)
  await asked
  await field(page).fill(late)
  await expect(options(page).first()).toHaveText(`${bob.username}/${late}`)
  await page.waitForTimeout(2000)
  await expect(options(page).first()).toHaveText(`${bob.username}/${late}`)

  await page.route(/suggestions/, (route) => route.abort())
  await field(page).fill("pricing")
  await expect(palette(page).getByRole("status")).toHaveText("Models could not be loaded. Commands still work.")
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL("/pricing")
})

test("? lists the shortcuts, not while typing, and can be turned off", async ({ page }) => {
  await page.goto("/explore")
  await open(page)
  await page.keyboard.press("Escape")
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" })
  await page.getByRole("main").getByRole("searchbox").press("?")
  await expect(list).toBeHidden()
  await page.getByRole("heading", { level: 1 }).click()
  await page.keyboard.press("?")
  await expect(list).toBeVisible()
  await expectAccessible(page)
  await list.getByLabel(/Enable single-key shortcuts/).uncheck()
  await page.keyboard.press("Escape")
  await page.keyboard.press("?")
  await expect(list).toBeHidden()
  await open(page)
})

test("nothing of it is loaded before it is opened", async ({ page }) => {
  const scripts: string[] = []
  page.on("response", async (response) => {
    if (response.url().endsWith(".js")) scripts.push(await response.text().catch(() => ""))
  })
  await page.goto("/create", { waitUntil: "networkidle" })
  const holding = () => scripts.filter((script) => script.includes("Search models, pages and commands")).length
  expect(holding()).toBe(0)
  await open(page)
  await expect.poll(holding).toBe(1)
})

test("it is accessible and fits the narrowest screen", async ({ page, alice }) => {
  await alice.createModel({
    name: `${"long-".repeat(19)}x`,
    visibility: "private",
    description: "Much to say ".repeat(30),
  })
  await page.goto("/pricing")
  await open(page)
  await expect(palette(page).getByText("Private")).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.type("pri")
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
  await expect(palette(page).getByRole("button", { name: "Close" })).toBeInViewport()
})
