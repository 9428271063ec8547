import sharp from "sharp"

import { expect, test, type Account } from "./fixtures"

test("the newest public model stands first on the home page", async ({ page, alice }) => {
  const name = await alice.createModel()
  await page.goto("/")
  await expect(
    page
      .getByRole("region", { name: "Newest public models" })
      .getByRole("link", { name: `${alice.username}/${name}`, exact: true }),
  ).toBeVisible()
})

test("who is signed in starts with their own models, private ones too", async ({ page, alice }) => {
  await page.goto("/")
  await expect(page.getByRole("main")).toContainText("You have no models yet")
  const name = await alice.createModel({ visibility: "private", hardware: "gpu-t4" })
  await page.getByRole("banner").getByRole("link", { name: "Your models" }).click()
  await expect(page).toHaveURL(`/${alice.username}`)
  await page.goto("/")
  const own = page.getByRole("region", { name: "Your models" })
  await expect(own.getByRole("listitem")).toContainText([`${alice.username}/${name}`])
  await expect(own.getByRole("listitem")).toContainText(["Private"])
  await expect(own.getByRole("listitem")).toContainText(["gpu-t4"])
  await expect(own.getByRole("link", { name: "New model" })).toHaveAttribute("href", "/create")
})

test("odd queries are no error page", async ({ page }) => {
  for (const query of [
    "q=%00",
    "q=*",
    "q=%22",
    "q=a&q=b",
    `q=${"x".repeat(5000)}`,
    "cursor=nonsense",
    "q=a&cursor=%00",
    "q=AND+OR+NOT",
    "q=%F0%9F%A6%99",
  ]) {
    const answer = await page.goto(`/explore?${query}`)
    expect(answer!.status(), query).toBe(200)
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Explore models")
  }
})

test("a long list has pages, forth and back", async ({ page, alice }) => {
  const names: string[] = []
  for (let n = 0; n < 26; n++) names.push(await alice.createModel())
  await page.goto(`/${alice.username}`)
  const main = page.getByRole("main")
  const card = (name: string) => main.getByRole("link", { name, exact: true })
  await expect(card(names.at(-1)!)).toBeVisible()
  await expect(card(names[0]!)).toHaveCount(0)
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Older" }).click()
  await expect(card(names[0]!)).toBeVisible()
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Newer" }).click()
  await expect(card(names.at(-1)!)).toBeVisible()
})

test("a name that nobody has is not found, whatever it looks like", async ({ page, noise, bob }) => {
  noise.allowMissingPage()
  for (const path of [
    "/nobody-of-this-name",
    `/${bob.username}/none`,
    `/${bob.username}/none/api`,
    "/Capitals",
    "/%00",
    "/a/b/c/d",
    "/..%2f..%2fetc",
    `/${bob.username}?cursor=nonsense`,
  ]) {
    const answer = await page.goto(path)
    expect(answer!.status(), path).toBe(404)
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found")
  }
})

test.describe("where some models have a cover and some have none", () => {
  const curtains = 'li span[aria-hidden="true"] > svg'

  async function cover({ request, username }: Account, name: string, baseURL: string) {
    const picture = await sharp({ create: { width: 64, height: 36, channels: 3, background: "green" } })
      .png()
      .toBuffer()
    const answer = await request.post(`/${username}/${name}/cover`, {
      headers: { origin: new URL(baseURL).origin, accept: "application/json" },
      multipart: { cover: { name: "cover.png", mimeType: "image/png", buffer: picture } },
    })
    expect(await answer.json()).toMatchObject({ ok: true })
  }

  test("those without leave no gap, fetch nothing and move nothing", async ({ page, alice, baseURL }) => {
    const [plain, covered] = [await alice.createModel(), await alice.createModel()]
    await page.goto(`/${alice.username}`)
    await expect(page.getByRole("link", { name: plain, exact: true })).toBeVisible()
    await expect(page.locator(curtains)).toHaveCount(0)

    await cover(alice, covered, baseURL!)
    const pictures: string[] = []
    page.on(
      "request",
      (request) => request.resourceType() === "image" && pictures.push(new URL(request.url()).pathname),
    )
    await page.addInitScript(() => {
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          sessionStorage.setItem("moved", `${entry.name} ${(entry as unknown as { value: number }).value}`)
      }).observe({ type: "layout-shift", buffered: true })
    })
    await page.goto(`/${alice.username}`, { waitUntil: "networkidle" })
    const top = async (name: string) => (await page.getByRole("link", { name, exact: true }).boundingBox())!.y
    expect(await top(plain)).toBe(await top(covered))
    await expect(page.locator(curtains)).toHaveCount(1)
    expect(pictures.filter((path) => !/icon/.test(path))).toEqual([
      expect.stringMatching(new RegExp(`^/${alice.username}/${covered}/cover/`)),
    ])
    expect(await page.evaluate(() => sessionStorage.getItem("moved"))).toBeNull()

    await page.setViewportSize({ width: 360, height: 800 })
    await expect(page.locator(curtains)).toBeHidden()
  })
})

test("on a phone the current tab is in view, however many stand before it", async ({ page, alice }) => {
  await page.setViewportSize({ width: 360, height: 800 })
  const name = await alice.createModel()
  for (const [path, tab] of [
    ["/account/events", "Audit log"],
    ["/account/transfers", "Transfers"],
    [`/${alice.username}/${name}/settings`, "Settings"],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole("main").getByRole("link", { name: tab, exact: true })).toBeInViewport({ ratio: 0.9 })
    expect(await page.evaluate(() => scrollY)).toBe(0)
  }
})

test("in the system's own colours the current tab is still told from the others", async ({ page, alice }) => {
  await page.emulateMedia({ forcedColors: "active" })
  const name = await alice.createModel()
  const lineOf = (tab: string) =>
    page
      .getByRole("main")
      .getByRole("link", { name: tab, exact: true })
      .evaluate((link) => getComputedStyle(link).borderBottomColor)
  for (const [path, current, other] of [
    ["/account", "Profile", "Security"],
    [`/${alice.username}/${name}`, "Overview", "API"],
  ] as const) {
    await page.goto(path)
    expect(await lineOf(current), path).not.toBe(await lineOf(other))
  }
})
