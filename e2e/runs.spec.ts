import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { main, openPlayground, output, ownEcho, run, signUp } from "./echo"
import { expect, test } from "./fixtures"

test.describe.configure({ timeout: 240_000 })

test("examples are added from runs, ordered, chosen and tried; the playground opens with the default one", async ({
  sharedInstance,
  openPage,
}) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  await page.goto(`/${model}/examples`)
  await expect(main(page)).toContainText("No examples yet")
  await expectAccessible(page)

  for (const text of ["one", "two"]) {
    await page.goto(await run(page, model, text))
    await main(page).getByRole("button", { name: "Add to examples" }).click()
    await expect(page).toHaveURL(`${server.origin}/${model}/examples`)
  }
  const example = (n: number) => main(page).getByRole("article", { name: `Example ${n}` })
  await expect(example(1)).toContainText("one")
  await expect(example(1)).toContainText("default")
  await main(page).getByRole("button", { name: "Move up: example 2" }).click()
  await expect(example(1)).toContainText("two")
  await main(page).getByRole("button", { name: "Make default: example 1" }).click()
  await expect(example(1)).toContainText("default")
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)

  const visitor = await openPage({ baseURL: server.origin })
  await visitor.goto(`/${model}/playground`)
  await expect(main(visitor).getByLabel(/^text/)).toHaveValue("two")
  await expect(output(visitor)).toContainText("two")
  await visitor.goto(`/${model}/examples`)
  await expect(main(visitor).getByRole("button", { name: /Remove/ })).toHaveCount(0)
  await main(visitor).getByRole("link", { name: "Try it" }).last().click()
  await expect(main(visitor).getByLabel(/^text/)).toHaveValue("one")

  await main(page).getByRole("button", { name: "Remove: example 1" }).click()
  await expect(main(page).getByRole("article")).toHaveCount(1)
})

test("the history is filtered, exported, and changed several at once", async ({ sharedInstance, openPage, noise }) => {
  noise.allow(/status of 404/)
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/predictions")
  await expect(main(page)).toContainText("No predictions yet")
  await expectAccessible(page)
  const model = await ownEcho(server, first, "mine")
  const [red, blue] = [await run(page, model, "red apples"), await run(page, model, `blue plums ${"and ".repeat(20)}`)]
  await main(page).getByRole("link", { name: "Your runs of this model" }).click()
  await expect(main(page).getByRole("row")).toHaveCount(3)
  // All columns fit a small desktop screen, also when the runs are older.
  const table = main(page).getByRole("region", { name: /^Predictions of/ })
  const hidden = await table.evaluate((element) => {
    for (const time of element.querySelectorAll("time")) time.textContent = "59 minutes ago"
    return element.scrollWidth - element.clientWidth
  })
  expect(hidden).toBe(0)
  await expectAccessible(page)

  await main(page).getByLabel("Input contains").fill("RED")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page).getByRole("row")).toHaveCount(2)
  await expect(main(page)).toContainText("Inputs are searched in the newest 5,000 predictions, up to 16 MB of input.")
  const exported = await page.request.get(
    (await main(page).getByRole("link", { name: "Export as JSON lines" }).getAttribute("href"))!,
  )
  const lines = (await exported.text()).trim().split("\n")
  expect(lines.map((line) => JSON.parse(line).urls.web)).toEqual([server.origin + red])
  await main(page).getByLabel("Version").fill("nonsense")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page)).toContainText("A version's id has 64 hexadecimal digits.")

  await page.goto("/predictions")
  await main(page).getByLabel("Choose all").check()
  await main(page).getByRole("button", { name: "Delete data of selected" }).click()
  await expect(main(page).getByRole("status")).toContainText("2 predictions deleted.")
  await expect(main(page)).toContainText("data removed")
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.goto(blue)
  await expect(main(page)).toContainText("were removed")

  const stranger = await openPage({ baseURL: server.origin })
  await stranger.goto(`/predictions?model=${first}/mine`)
  await expect(stranger).toHaveURL(/\/signin\?next=/)
})

test("the form and its JSON are one input, which is the code's too; text streams in and a run is found again", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/ERR_FAILED|failed: GET/)
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  await openPlayground(page, model)
  const form = main(page).getByRole("region", { name: "Input" })
  await expect(form).toContainText("cold")
  await main(page).getByLabel(/^text/).fill("spoken slowly")
  await main(page).getByRole("tab", { name: "JSON" }).click()
  const json = main(page).getByLabel("Input as JSON")
  await expect(json).toHaveValue(/"text": "spoken slowly"/)
  await json.fill('{"text": "from JSON", "repeat": 3, "delay": 0.4, "log": true, "words": ["a", "b"], "other": 1}')
  await expect(main(page)).toContainText("Not an input of this model: other.")
  await expectAccessible(page)
  await main(page).getByRole("tab", { name: "Node.js" }).click()
  await expect(main(page).getByRole("region", { name: "Run with Node.js" })).toContainText('text: "from JSON"')
  await main(page).getByRole("tabpanel", { name: "Node.js" }).getByLabel("Stream").check()
  await expect(main(page).getByRole("region", { name: "Stream with Node.js" })).toContainText("replicate.stream")
  await expectAccessible(page)
  await main(page).getByRole("tab", { name: "Form" }).click()
  await expect(main(page).getByLabel(/^text/)).toHaveValue("from JSON")
  await main(page).getByLabel("Slider of repeat").press("ArrowRight")
  await expect(main(page).getByLabel(/^repeat/)).toHaveValue("4")
  await main(page)
    .getByLabel(/^delay/)
    .fill("-1")
  await expect(main(page)).toContainText("Enter at least 0.")
  await main(page)
    .getByLabel(/^delay/)
    .fill("0.4")
  await expect(main(page)).not.toContainText("Enter at least 0.")

  // Only the event stream brings the text: the page cannot poll.
  const polls = "**/api/web/predictions/*"
  await page.route(polls, (route) => route.abort())
  const text = output(page).locator("[aria-live=polite] p").first()
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  const shown = new Set<string | null>()
  await expect
    .poll(async () => shown.add(await text.textContent()).has("from JSON".repeat(4)), { intervals: [100] })
    .toBe(true)
  expect(shown.size).toBeGreaterThan(2)
  await page.unroute(polls)
  await expect(page).toHaveURL(/\?prediction=/)
  await page.reload()
  await expect(output(page)).toContainText("from JSONfrom JSONfrom JSONfrom JSON")
  await expect(output(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  await page.reload()
  await expect(output(page)).toContainText("booting")
  await output(page).getByText("Logs", { exact: true }).click()
  await output(page).getByLabel("Search: Logs").fill("4/4 JSON")
  await expect(output(page)).toContainText(/1 of \d+ lines/)
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)

  await page.setViewportSize({ width: 1280, height: 720 })
  await main(page).getByRole("button", { name: "Reset" }).click()
  await openPlayground(page, model)
  await main(page)
    .getByLabel(/^delay/)
    .fill("600")
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  await expect(page).toHaveURL(/\?prediction=/)
  await page.reload()
  await output(page).getByRole("button", { name: "Cancel" }).click()
  await expect(output(page).getByRole("status").filter({ hasText: "canceled" })).toBeVisible()
})

test("the page of a run shows what can be done with it as soon as the run ends", async ({
  sharedInstance,
  openPage,
}) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  const form = main(page).getByRole("region", { name: "Input" })
  await openPlayground(page, model)
  await expect(form).toContainText("cold")
  await main(page).getByLabel(/^text/).fill("first of all")
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  await expect(output(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  await expect(form).toContainText("warm")
  await expect(main(page).getByLabel(/^text/)).toHaveValue("first of all")
  await expect(page).toHaveURL(/\?prediction=/)

  await main(page).getByLabel(/^text/).fill("worth waiting for")
  await main(page)
    .getByLabel(/^delay/)
    .fill("4")
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  // Until the new run is shown, the link leads to the previous one.
  await expect(output(page).getByRole("button", { name: "Cancel" })).toBeVisible()
  await output(page).getByRole("link", { name: "Page of this run" }).click()
  await expect(main(page).getByRole("button", { name: "Cancel" })).toBeVisible()
  await expect(main(page).getByRole("button", { name: "Keep" })).toHaveCount(0)
  await expect(main(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  for (const name of ["Keep", "Delete data", "Add to examples", "Create link"])
    await expect(main(page).getByRole("button", { name, exact: true })).toBeVisible()
  await expect(main(page).getByRole("button", { name: "Cancel" })).toHaveCount(0)
})

test("a run is shared without its input and revoked, run again, compared, and many run from a list", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/status of 404/)
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  const address = await run(page, model, "worth sharing")
  await page.goto(address)
  await expect(main(page)).toContainText("Only you can see this prediction.")
  await main(page).getByLabel("Hide the input").check()
  await main(page).getByRole("button", { name: "Create link" }).click()
  const link = (await main(page).getByRole("link", { name: "See what others see" }).getAttribute("href"))!
  await expectAccessible(page)
  const visitor = await openPage({ baseURL: server.origin })
  expect((await visitor.goto(link))!.status()).toBe(200)
  await expect(main(visitor).getByRole("heading", { name: "Shared prediction" })).toBeVisible()
  await expect(main(visitor).getByRole("heading", { name: "Input", exact: true })).toHaveCount(0)
  await expect(main(visitor)).toContainText("worth sharing")
  await expectAccessible(visitor)
  expect((await visitor.goto(address))!.status()).toBe(404)
  await main(page).getByRole("button", { name: "Revoke the link" }).click()
  await expect(main(page).getByRole("button", { name: "Create link" })).toBeVisible()
  expect((await visitor.goto(link))!.status()).toBe(404)

  await main(page).getByRole("button", { name: "Run again" }).click()
  await expect(page).not.toHaveURL(server.origin + address)
  await expect(main(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()

  await page.goto("/predictions")
  for (const box of await main(page).locator("input[name=id]").all()) await box.check()
  await main(page).getByRole("button", { name: "Compare two" }).click()
  await expect(main(page).getByRole("heading", { name: "Compare predictions" })).toBeVisible()
  await expect(main(page)).not.toContainText("differs")
  await expectAccessible(page)

  await page.goto(`/${model}/batch`)
  await main(page).getByLabel("Inputs", { exact: true }).fill("text,repeat\nfirst,1\nsecond,2")
  await main(page).getByRole("button", { name: "Check and estimate" }).click()
  await expect(main(page)).toContainText("2 inputs, all valid")
  await main(page).getByRole("button", { name: "Start" }).click()
  await expect(page).toHaveURL(/\/batches\/[0-9a-z]{26}$/)
  await expect(main(page)).toContainText("2 of 2 runs finished", { timeout: 60_000 })
  const results = await (await page.request.get(`${page.url()}/results`)).text()
  expect(
    results
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).prediction.output.join("")),
  ).toEqual(["first", "secondsecond"])
  await expectAccessible(page)
})
