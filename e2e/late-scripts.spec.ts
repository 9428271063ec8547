import { expect, holdScripts, test } from "./fixtures"

test("scripts are requested after the first paint, and what was pressed before they ran happens", async ({
  openPage,
  alice,
}) => {
  const name = await alice.createModel()
  for (const [as, path] of [
    [undefined, "/"],
    [undefined, `/${alice.username}/${name}`],
    [alice, "/create"],
    [alice, "/explore"],
  ] as const) {
    const page = await openPage({ as })
    const release = await holdScripts(page)
    await page.goto(path, { waitUntil: "domcontentloaded" })
    await page.keyboard.press("Control+k")
    await expect(page.getByRole("dialog"), path).toBeHidden()
    release()
    await expect(page.getByRole("dialog"), path).toBeVisible()
    const { paint, scripts } = await page.evaluate(() => ({
      paint: performance.getEntriesByName("first-paint")[0]!.startTime,
      scripts: (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => name.endsWith(".js"))
        .map(({ startTime }) => startTime),
    }))
    expect(scripts.length, path).toBeGreaterThan(3)
    expect(Math.min(...scripts), path).toBeGreaterThan(paint)
  }
})

test("what is typed after the command palette was opened is typed into it", async ({ openPage, alice }) => {
  const page = await openPage({ as: alice })
  const search = page.getByRole("combobox", { name: "Search models and commands" })
  let release = await holdScripts(page)
  await page.goto("/create", { waitUntil: "domcontentloaded" })
  await page.getByLabel("Name", { exact: true }).pressSequentially("kept")
  await page.keyboard.press("Control+k")
  await page.keyboard.type("pricinx")
  await page.keyboard.press("Backspace")
  await page.keyboard.press("Enter")
  release()
  await expect(search).toHaveValue("pricin")
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("kept")
  await expect(page).toHaveURL("/create")

  await page.unrouteAll()
  release = await holdScripts(page)
  await page.goto("/explore", { waitUntil: "domcontentloaded" })
  await page.getByRole("button", { name: "Search", exact: true }).and(page.locator("header *")).click()
  await page.keyboard.type("pricing")
  release()
  await expect(search).toHaveValue("pricing")
})

test("Enter while the command palette loads does not submit the form that has the focus", async ({ page, alice }) => {
  let [release, loads] = [() => {}, false]
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.goto(`/${alice.username}`)
  await page.goto("/explore", { waitUntil: "networkidle" })
  await page.route(/\.js(\?|$)/, async (route) => {
    loads = true
    await released
    await route.continue()
  })
  await page.locator("#search").evaluate((input) => input.closest("search")!.classList.remove("hidden"))
  await page.locator("#search").focus()
  await page.keyboard.press("Control+k")
  await page.keyboard.type("a")
  await page.keyboard.press("Enter")
  await expect.poll(() => loads).toBe(true)
  release()
  await expect(page.getByRole("combobox", { name: "Search models and commands" })).toHaveValue("a")
  await expect(page).toHaveURL("/explore")
})

test("a theme that was chosen before the scripts ran is kept, and a reload restores no other", async ({
  page,
  context,
}) => {
  const release = await holdScripts(page)
  await page.goto("/pricing", { waitUntil: "domcontentloaded" })
  await page.getByLabel("Dark").check()
  release()
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark")
  await page.unrouteAll()

  const other = await context.newPage()
  await other.goto("/pricing")
  await expect(other.getByLabel("Dark")).toBeChecked()
  await other.getByText("Light", { exact: true }).click()
  await expect(other.locator("html")).toHaveAttribute("data-theme", "light")
  await page.reload({ waitUntil: "networkidle" })
  await expect(page.getByLabel("Light")).toBeChecked()
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light")
})

test("filters that were chosen before the scripts ran are applied", async ({ page }) => {
  const release = await holdScripts(page)
  await page.goto("/explore", { waitUntil: "domcontentloaded" })
  await page.getByLabel("Order").selectOption("name")
  await page.getByLabel("Has versions").check()
  release()
  await expect(page).toHaveURL("/explore?sort=name&versions=1")
})
