import { expectNoSidewaysScroll } from "./axe"
import { createForm } from "./forms"
import { expect, test, uniqueName } from "./fixtures"

test("names and texts as long as allowed, without a blank, break no page", async ({ page, openAccount, context }) => {
  const alice = await openAccount(`${uniqueName("alice")}-`.padEnd(39, "m"))
  const name = `${uniqueName("model")}-`.padEnd(100, "w")
  await alice.signIn(context)
  await alice.createModel({ name, description: "d".repeat(500), github_url: `https://example.com/${"g".repeat(1900)}` })
  await alice.newToken("t".repeat(100))

  const base = `/${alice.username}/${name}`
  for (const path of [
    "/",
    `/explore?q=${name}`,
    `/explore?q=${"q".repeat(200)}`,
    `/${alice.username}`,
    base,
    `${base}/api`,
    "/account/api-tokens",
  ]) {
    await page.goto(path)
    await expectNoSidewaysScroll(page)
  }
  await expect(page.getByRole("button", { name: `Revoke ${"t".repeat(100)}` })).toBeAttached()

  await page.goto(
    `/create?name=${name}&description=${"d".repeat(500)}&paper_url=https://example.com/${"p".repeat(1900)}`,
  )
  await expect(createForm(page).name).toHaveValue(name)
  await page.getByRole("banner").locator("summary", { hasText: "Your account" }).click()
  await expectNoSidewaysScroll(page)
})

test("the name of a model is never cut short on its own page", async ({ page, alice }) => {
  const name = `${uniqueName("model")}-`.padEnd(100, "w")
  await alice.createModel({ name })
  await page.setViewportSize({ width: 320, height: 800 })
  await page.goto(`/${alice.username}/${name}`)
  const heading = page.getByRole("heading", { level: 1 })
  await expect(heading).toHaveText(`${alice.username}/${name}`)
  expect(
    await heading.evaluate(
      (element) => element.scrollWidth <= element.clientWidth && element.getBoundingClientRect().right <= innerWidth,
    ),
  ).toBe(true)

  // The copy button follows the last letter, wherever it is.
  const copy = (await page.getByRole("button", { name: "Copy the model name" }).boundingBox())!
  const end = await heading.evaluate((element) => [...element.getClientRects()].at(-1)!.right)
  expect(copy.x - end).toBeLessThan(16)
})

test("an owner of the longest name is not cut short where a model is created", async ({
  page,
  openAccount,
  context,
}) => {
  const alice = await openAccount(`otter-lab-of-the-north-sea-${uniqueName("a")}`)
  expect(alice.username).toHaveLength(39)
  await alice.signIn(context)
  await page.goto("/create")
  const spare = await createForm(page).owner.evaluate((select: HTMLSelectElement) => {
    const style = getComputedStyle(select)
    const canvas = document.createElement("canvas").getContext("2d")!
    canvas.font = style.font
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    return room - canvas.measureText(select.selectedOptions[0]!.text).width
  })
  expect(spare).toBeGreaterThanOrEqual(0)
})

test("in the command palette the longest name leaves room for the word Private", async ({ page, alice }) => {
  const name = `${uniqueName("model")}-`.padEnd(100, "w")
  await alice.createModel({ name, visibility: "private", description: "d".repeat(500) })
  await page.goto("/pricing", { waitUntil: "networkidle" })
  await page.keyboard.press("Control+k")
  await page.keyboard.type(name.slice(0, 12))
  const option = page.getByRole("option", { name: new RegExp(name) })
  await expect(option.getByText("Private")).toBeVisible()
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 640 })
    const [row, badge] = [(await option.boundingBox())!, (await option.getByText("Private").boundingBox())!]
    expect(badge.x + badge.width, `${width} pixels`).toBeLessThanOrEqual(row.x + row.width)
  }
})
