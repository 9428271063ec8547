import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, holdScripts, test, uniqueName, type Page } from "./fixtures"

const search = (page: Page) => page.getByRole("main").getByRole("searchbox")
const cards = (page: Page) => page.getByRole("main").getByRole("heading", { level: 3 })
const count = (page: Page) => page.getByRole("main").getByRole("status")
const word = () => uniqueName("word").replace("-", "")

test("results follow the typing, the field keeps the focus, and the count is announced", async ({ page, alice }) => {
  const mark = word()
  const [one, two] = [
    await alice.createModel({ description: mark }),
    await alice.createModel({ description: `${mark} twice` }),
  ]
  await page.goto("/explore")
  await search(page).pressSequentially(mark)
  await expect(page).toHaveURL(`/explore?q=${mark}`)
  await expect(cards(page)).toHaveText([new RegExp(two), new RegExp(one)])
  await expect(count(page)).toHaveText(`2 models match “${mark}”`)
  await expect(search(page)).toBeFocused()

  await search(page).press("End")
  await search(page).pressSequentially(" twice")
  await expect(cards(page)).toHaveText([new RegExp(two)])
  await expect(count(page)).toHaveText(`1 model matches “${mark} twice”`)
  await expect(search(page)).toBeFocused()
})

test("what is typed before the scripts are here is searched for when they are", async ({ page, alice }) => {
  const mark = word()
  const wanted = await alice.createModel({ description: mark })
  const release = await holdScripts(page)
  await page.goto("/explore", { waitUntil: "commit" })
  await search(page).fill(mark)
  release()
  await expect(cards(page)).toHaveText([new RegExp(wanted)])
  await expect(page).toHaveURL(`/explore?q=${mark}`)
  await expect(search(page)).toHaveValue(mark)
})

test("an answer that comes late never replaces a newer one", async ({ page, alice }) => {
  const [early, late] = [word(), word()]
  await alice.createModel({ name: `${early}-first`, description: early })
  const wanted = await alice.createModel({ name: `${late}-second`, description: late })
  await page.goto("/explore")
  await page.route(new RegExp(`/explore\\?.*q=${early}`), async (route) => {
    await new Promise((resume) => setTimeout(resume, 2500))
    await route.continue().catch(() => {})
  })
  const asked = page.waitForRequest(new RegExp(`q=${early}`))
  await search(page).fill(early)
  await asked
  await search(page).fill(late)
  await expect(cards(page)).toHaveText([new RegExp(wanted)])
  await page.waitForTimeout(3000)
  await expect(cards(page)).toHaveText([new RegExp(wanted)])
  await expect(search(page)).toHaveValue(late)
  await expect(page).toHaveURL(`/explore?q=${late}`)
})

test("going back brings the search of before, in the field too", async ({ page, alice }) => {
  const mark = word()
  await alice.createModel({ name: `${mark}-x`, description: mark })
  await page.goto(`/explore?q=${mark}&versions=1`)
  await page
    .getByRole("main")
    .getByRole("link", { name: /^Remove “has versions”/ })
    .click()
  await expect(page).toHaveURL(`/explore?q=${mark}`)
  await expect(page.getByLabel("Has versions")).not.toBeChecked()
  await page.goBack()
  await expect(page.getByLabel("Has versions")).toBeChecked()
  await expect(search(page)).toHaveValue(mark)
})

test("one's own models can be narrowed to, and nobody else sees the private ones", async ({
  page,
  alice,
  bob,
  openPage,
}) => {
  const mark = word()
  const open = await alice.createModel({ name: `${mark}-open`, description: mark })
  const hidden = await alice.createModel({
    name: `${mark}-hidden`,
    description: mark,
    visibility: "private",
    hardware: "gpu-t4",
  })
  await page.goto(`/explore?q=${mark}`)
  await expect(cards(page)).toHaveText([new RegExp(open)])
  await page.getByLabel("Show").selectOption({ label: "Only mine" })
  await expect(page).toHaveURL(`/explore?q=${mark}&show=mine`)
  await expect(cards(page)).toHaveCount(2)
  await page.getByLabel("Show").selectOption({ label: "Only mine, private" })
  await expect(cards(page)).toHaveText([new RegExp(hidden)])
  await page.getByLabel("Hardware").selectOption({ label: "Nvidia T4 GPU" })
  await expect(page).toHaveURL(`/explore?q=${mark}&show=mine-private&hardware=gpu-t4`)
  await expect(cards(page)).toHaveText([new RegExp(hidden)])

  const bobs = await openPage({ as: bob })
  await bobs.goto(page.url())
  await expect(bobs.getByText("Nothing matches")).toBeVisible()
  const visitor = await openPage()
  await visitor.goto(page.url())
  await expect(visitor.getByText("Sign in to see your own models")).toBeVisible()
  for (const someone of [bobs, visitor]) {
    for (const address of [`/explore?q=${mark}`, `/${alice.username}`, `/${alice.username}?q=hidden`]) {
      await someone.goto(address)
      expect(await someone.content()).not.toContain(hidden)
    }
    await someone.goto(`/${alice.username}`)
    await expect(someone.getByText("1 model", { exact: true })).toBeVisible()
  }
})

test("nothing found says which filter to drop, with links that drop it", async ({ page, alice }) => {
  const mark = word()
  await alice.createModel({ description: mark, hardware: "cpu" })
  await page.goto(`/explore?q=${mark}&hardware=gpu-t4`)
  await expect(page.getByText("Nothing matches")).toBeVisible()
  await expectAccessible(page)
  await page.getByRole("link", { name: "Remove Nvidia T4 GPU" }).click()
  await expect(page).toHaveURL(`/explore?q=${mark}`)
  await expect(cards(page)).toHaveCount(1)
  await expect(page.getByLabel("Hardware")).toHaveValue("")
})

test("the address holds the whole position: words, filters, order and page", async ({ page, alice, openPage }) => {
  const mark = word()
  for (let n = 0; n < 27; n++)
    await alice.createModel({ name: `${mark}-${String.fromCharCode(97 + (n % 26))}${n}`, description: mark })
  await page.goto(`/explore?q=${mark}&sort=name`)
  await expect(count(page)).toHaveText(`27 models match “${mark}”, 25 of them on this page`)
  await page.getByRole("link", { name: "Next" }).click()
  await expect(cards(page)).toHaveCount(2)
  const second = await cards(page).allTextContents()
  const elsewhere = await openPage()
  await elsewhere.goto(page.url())
  expect(await cards(elsewhere).allTextContents()).toEqual(second)
  await elsewhere.getByRole("link", { name: "Previous" }).click()
  await expect(cards(elsewhere)).toHaveCount(25)
  await elsewhere.goto("/explore?cursor=nonsense")
  await expect(elsewhere.getByText("Unknown position in this list")).toBeVisible()

  await page.goto(`/${alice.username}`)
  await expect(page.getByText("27 models", { exact: true })).toBeVisible()
  await page.getByLabel("Filter by name or description").fill(`${mark} c2`)
  await expect(cards(page)).toHaveCount(1)
  await expect(page).toHaveURL(`/${alice.username}?${new URLSearchParams({ q: `${mark} c2` })}`)
  await expectAccessible(page)
})

test("the page is accessible, and fits the narrowest screen", async ({ page, alice }) => {
  await alice.createModel({ name: `${"long-".repeat(19)}x`, description: "W".repeat(300) })
  for (const address of [
    "/explore",
    "/explore?show=mine",
    `/${alice.username}`,
    "/explore?q=nothing-is-called-like-this",
  ]) {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(address)
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
  }
})

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false })
  // The browser cancels the preload of scripts that it may not run.
  test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\.js csp$/))

  test("the form searches, narrows and orders", async ({ page, alice }) => {
    const mark = word()
    const onCpu = await alice.createModel({ description: mark, hardware: "cpu" })
    await alice.createModel({ description: mark, hardware: "gpu-t4" })
    await page.goto("/explore")
    await search(page).fill(mark)
    await page.getByLabel("Hardware").selectOption({ label: "CPU" })
    await page.getByLabel("Order").selectOption({ label: "Name" })
    await page.getByRole("main").getByRole("button", { name: "Search" }).click()
    await expect(cards(page)).toHaveText([new RegExp(onCpu)])
    await expect(page.getByLabel("Hardware")).toHaveValue("cpu")
    await expect(page.getByLabel("Order")).toHaveValue("name")
  })

  test("the header has its plain search form, and no button that would do nothing", async ({ page }) => {
    await page.goto("/pricing")
    await expect(page.getByRole("banner").getByRole("button", { name: "Search" })).toBeHidden()
    await page.getByRole("banner").getByRole("searchbox").first().fill("anything")
    await page.getByRole("banner").getByRole("searchbox").first().press("Enter")
    await expect(page).toHaveURL("/explore?q=anything")
  })
})
