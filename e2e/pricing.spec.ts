import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, holdScripts, test, type Page } from "./fixtures"

const way = (page: Page, name: string) => page.getByRole("region", { name, exact: true })
const asked = "/pricing?sku=gpu-h100&runs=1200&seconds=2.5&cold=6&setup=45&idle=5"

test("the sums follow the typing, and the address holds them", async ({ page, openPage }) => {
  await page.goto("/pricing")
  await page.getByRole("combobox", { name: "Hardware" }).selectOption({ label: "Nvidia H100 GPU" })
  for (const [label, value] of [
    ["Runs per day", "1200"],
    ["Seconds per run", "2.5"],
    ["Cold starts per day", "6"],
    ["Setup seconds", "45"],
    ["Idle minutes", "5"],
  ] as const)
    await page.getByLabel(label).fill(value)
  const shown = [
    ["Public", "$139.16", "$4.575"],
    ["Private", "$235.17", "$7.73175"],
    ["Always on", "$4,007.70", "$131.76"],
  ] as const
  for (const [name, month, day] of shown) {
    await expect(way(page, name)).toContainText(month)
    await expect(way(page, name)).toContainText(day)
  }
  await expect(page).toHaveURL(`${asked}#calculator`)
  await expect(page.getByRole("status").filter({ hasText: "per month." })).toHaveText(
    "Nvidia H100 GPU: public $139.16, private $235.17, always on $4,007.70 per month.",
  )

  const elsewhere = await openPage()
  await elsewhere.goto(page.url())
  for (const [name, month] of shown) await expect(way(elsewhere, name)).toContainText(month)
})

test("what was chosen and typed before the scripts are here counts", async ({ page }) => {
  const release = await holdScripts(page)
  await page.goto("/pricing", { waitUntil: "domcontentloaded" })
  await page.getByRole("combobox", { name: "Hardware" }).selectOption({ label: "Nvidia H100 GPU" })
  await page.getByLabel("Runs per day").fill("many")
  await page.getByLabel("Seconds per run").fill("7")
  release()
  await expect(page.getByLabel("Runs per day")).toHaveAccessibleDescription(/Enter a whole number/)
  await expect(page).toHaveURL(/sku=gpu-h100&runs=many&seconds=7/)
  await expect(page.getByLabel("Seconds per run")).toHaveValue("7")
})

test("what is no number is said so beside the field, and counts as nothing", async ({ page }) => {
  await page.goto("/pricing")
  await page.getByLabel("Runs per day").fill("many")
  await expect(page.getByLabel("Runs per day")).toHaveAccessibleDescription(/Enter a whole number/)
  await expect(way(page, "Public")).toContainText("$0.00")
  await expectAccessible(page)
  await page.goto("/pricing?sku=quantum&runs=99999999999")
  await expect(page.getByText("There is no hardware named “quantum”")).toBeVisible()
  await expect(page.getByLabel("Runs per day")).toHaveAttribute("aria-invalid", "true")
})

test("the page is accessible, and fits the narrowest screen", async ({ page }) => {
  await page.goto(`${asked.replace("1200", "99999999").replace("2.5", "86399.999")}`)
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
})

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false })
  test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\.js csp$/))

  test("the form calculates", async ({ page }) => {
    await page.goto("/pricing")
    await page.getByRole("combobox", { name: "Hardware" }).selectOption({ label: "CPU" })
    await page.getByLabel("Runs per day").fill("1200")
    await page.getByLabel("Seconds per run").fill("2.5")
    await page.getByRole("button", { name: "Calculate" }).click()
    await expect(way(page, "Public")).toContainText("$9.13")
    await expect(page.getByRole("combobox", { name: "Hardware" })).toHaveValue("cpu")
    expect(new URL(page.url()).searchParams.get("runs")).toBe("1200")
  })
})
