import { readFileSync } from "node:fs"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { signUp } from "./echo"
import { expect, test, type Page } from "./fixtures"

test.describe.configure({ timeout: 180_000 })

// The four ways to fine-tune a model, in the browser and over the API, with the bundled model.

const csv = readFileSync("lib/test/examples/tickets.csv")
const examples = `data:text/csv;base64,${csv.toString("base64")}`
const trainPage = "/understudy/classify-text/train"
const bug = "The app crashes with an error after I sign in"

/** Waits on the page for the end of the training, and runs its new version. */
async function runWhatCame(page: Page) {
  const main = page.getByRole("main")
  await expect(page).toHaveURL(/\/trainings\/[0-9a-z]{26}$/)
  await expect(main.getByText("A new version is ready")).toBeVisible({ timeout: 60_000 })
  await main.getByRole("link", { name: "Run it" }).click()
  await main.getByLabel(/^text/).fill(bug)
  await main.getByRole("button", { name: "Run", exact: true }).click()
  await expect(main.getByRole("region", { name: "Output", exact: true })).toContainText('"label": "bug"', {
    timeout: 30_000,
  })
}

test("the Train tab creates the destination, checks the data, trains, and its version runs", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  // Strangers get a 404.
  noise.allowMissingPage()
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin })
  const main = page.getByRole("main")
  await page.goto("/understudy/classify-text")
  await page.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Train" }).click()
  await expect(main.getByRole("link", { name: "Sign in to train" })).toBeVisible()
  await expectAccessible(page)
  const first = await signUp(page, trainPage)

  // A table without labels is rejected before anything is created.
  await main.getByRole("textbox", { name: "Name" }).fill("tickets")
  await expect(main.getByText("Available.")).toBeVisible()
  await main.getByLabel(/^examples/).fill("data:text/csv,text%2Clabel")
  await main.getByRole("button", { name: "Train", exact: true }).click()
  await expect(main.getByLabel(/^examples/)).toHaveAttribute("aria-invalid", "true")
  await expect(main.getByRole("textbox", { name: "Name" })).toHaveValue("tickets")
  await expectAccessible(page)

  await main.getByLabel("Choose a file").setInputFiles("lib/test/examples/tickets.csv")
  await expect(main.getByRole("status").filter({ hasText: "tickets.csv" })).toBeVisible()
  await main.getByRole("button", { name: "Check the data only" }).click()
  await expect(main.getByText("A CSV file of 30 rows with the columns text, label")).toBeVisible()
  await main.getByLabel(/^Cost limit/).fill("1")
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await main.getByRole("button", { name: "Train", exact: true }).click()

  await expect(main.getByRole("heading", { name: "Training", exact: true })).toBeVisible()
  await expect(main.getByRole("img", { name: /^loss/ })).toBeVisible({ timeout: 60_000 })
  await expect(main.getByRole("link", { name: "Download weights.bin" })).toBeVisible({ timeout: 60_000 })
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  const address = page.url()
  await runWhatCame(page)

  // Others do not learn that this training exists.
  const stranger = await openPage({ baseURL: origin })
  expect((await stranger.goto(address))!.status()).toBe(404)

  await page.goto("/trainings")
  await expect(main.getByRole("table")).toContainText(`${first}/tickets`)
  await expectAccessible(page)
  await page.goto(address)
  await main.getByText("Delete data").first().click()
  await main.getByRole("button", { name: "Delete data" }).click()
  await expect(main.getByText("Input, logs and weights of this training were removed.")).toBeVisible()
})

test("a model created first is the destination, and one that was trained gets another version", async ({
  sharedInstance,
  openPage,
}) => {
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin })
  const main = page.getByRole("main")
  const first = await signUp(page, trainPage)
  await page.goto("/create?name=mine&visibility=private&hardware=cpu-small")
  await main.getByRole("button", { name: "Create model" }).first().click()
  await page.waitForURL(`${origin}/${first}/mine`)
  for (const epochs of ["10", "20"]) {
    await page.goto(`${trainPage}?destination=${first}/mine`)
    await expect(main.getByRole("combobox", { name: "Model", exact: true })).toHaveValue(`${first}/mine`)
    await main.getByLabel(/^examples/).fill(examples)
    await main.getByLabel(/^epochs/).fill(epochs)
    await main.getByRole("button", { name: "Train", exact: true }).click()
    await runWhatCame(page)
  }
  await page.goto(`/${first}/mine/versions`)
  await expect(main.locator("a[href*='/versions/']").filter({ hasText: /^[0-9a-f]{12}$/ })).toHaveCount(2)
})

test("without scripts a training is started, watched and cancelled, and started with the API it is shown alike", async ({
  sharedInstance,
  openPage,
  playwright,
}) => {
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin, javaScriptEnabled: false })
  const main = page.getByRole("main")
  const first = await signUp(page, trainPage)
  await main.getByRole("textbox", { name: "Name" }).fill("plain")
  await main.getByLabel(/^examples/).fill(examples)
  await main.getByRole("button", { name: "Train", exact: true }).click()
  await expect(page).toHaveURL(/\/trainings\//)
  await expect(async () => {
    await page.reload()
    await expect(main.getByText("A new version is ready")).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })

  await page.goto("/account/api-tokens")
  await main.getByRole("textbox", { name: "Name" }).fill("training")
  await main.getByRole("button", { name: "Create token" }).click()
  const token = (await main.locator("code", { hasText: /^us_/ }).first().innerText()).trim()
  const api = await playwright.request.newContext({
    baseURL: origin,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  })
  const made = await api.post("/v1/models", {
    data: { owner: first, name: "by-api", visibility: "private", hardware: "cpu-small" },
  })
  expect(made.status()).toBe(201)
  const { latest_version } = await (await api.get("/v1/models/understudy/classify-text")).json()
  const created = await api.post(`/v1/models/understudy/classify-text/versions/${latest_version.id}/trainings`, {
    data: { destination: `${first}/by-api`, input: { examples, epochs: 1000 } },
  })
  const { id } = await created.json()
  await page.goto(`/p/${id}`)
  await expect(page).toHaveURL(`${origin}/trainings/${id}`)
  const cancel = main.getByRole("button", { name: "Cancel" })
  if (await cancel.isVisible()) await cancel.click()
  await expect(main.getByText(/canceled|succeeded/).first()).toBeVisible()
  await api.dispose()
})
