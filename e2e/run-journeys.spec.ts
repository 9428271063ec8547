import { expectAccessible } from "./axe"
import { main, openPlayground, output, ownEcho, ownEchoAndToken, run, signUp } from "./echo"
import { expect, test } from "./fixtures"

test.describe.configure({ timeout: 300_000 })

test("a run goes on while its page is offline, in a second tab, and after the back button", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/ERR_INTERNET_DISCONNECTED|Failed to load resource|failed: GET/)
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  await openPlayground(page, model)
  await main(page).getByLabel(/^text/).fill("word after word goes on")
  await main(page)
    .getByLabel(/^delay/)
    .fill("1.5")
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  await expect(output(page)).toContainText("word")
  await expect(page).toHaveURL(/\?prediction=/)
  const address = page.url()

  await page.context().setOffline(true)
  await expect(output(page)).toContainText("The server is not responding.")
  await page.context().setOffline(false)
  await expect(output(page)).not.toContainText("The server is not responding.")
  const second = await page.context().newPage()
  await second.goto(address)
  for (const tab of [page, second]) {
    await expect(output(tab)).toContainText("word after word goes on", { timeout: 60_000 })
    await expect(output(tab).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  }
  await second.close()

  await output(page).getByRole("link", { name: "Page of this run" }).click()
  await expect(main(page).getByRole("heading", { name: "Prediction", exact: true })).toBeVisible()
  await page.goBack()
  await expect(output(page)).toContainText("word after word goes on")
  await expect(main(page).getByLabel(/^text/)).toHaveValue("word after word goes on")
})

test("a webhook is tried with a sink, which says that its signature is valid", async ({ sharedInstance, openPage }) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const { version, token } = await ownEchoAndToken(server, first, "mine")

  await page.goto("/account/webhooks/sink")
  await main(page).getByRole("button", { name: "Create a URL" }).click()
  await expect(main(page)).toContainText("No requests yet.")
  const webhook = (await main(page).getByRole("region", { name: "Sink URL" }).innerText()).trim()
  const created = await page.request.post("/v1/predictions", {
    headers: { authorization: `Bearer ${token}` },
    data: { version, input: { text: "tell me" }, webhook, webhook_events_filter: ["completed"] },
  })
  const { id } = (await created.json()) as { id: string }
  await expect(main(page)).toContainText("signature valid", { timeout: 60_000 })
  await expect(main(page)).toContainText(id)
})

test("what a run costs is shown before and after it, on the page of its model, and on the home page", async ({
  sharedInstance,
  openPage,
}) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const { name: model, version, token } = await ownEchoAndToken(server, first, "mine")
  const form = main(page).getByRole("region", { name: "Input" })
  await openPlayground(page, model)
  await expect(form).toContainText("Cold start")
  for (const words of ["At least 0, at most 3600.", 'Default: "hello"', "15 more inputs", "note, …", "deprecated"])
    await expect(form).toContainText(words)
  const address = await run(page, model, "worth its price")
  await expect(output(page)).toContainText(/Cost: \$0\.0\d+/)
  await expect(output(page).locator("[aria-live=polite]")).toContainText("worth its price")
  await expect(form).toContainText(/Starts at once · runs about [\d.]+ s · about \$0\.0\d+/)
  await expect(output(page)).toContainText(/removed on \d{4}-\d\d-\d\d \d\d:\d\d UTC, unless you keep them/)
  await output(page).getByRole("link", { name: "Share" }).click()
  await expect(page).toHaveURL(`${server.origin}${address}#share`)
  await expect(main(page)).toContainText(new RegExp(`run in the browser .* by ${first}`))
  await expect(main(page)).toContainText(/Input, output and logs are removed on \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  const created = await page.request.post("/v1/predictions", {
    headers: { authorization: `Bearer ${token}`, prefer: "wait" },
    data: { version, input: { text: "from a script" } },
  })
  await page.goto(`/p/${((await created.json()) as { id: string }).id}`)
  await expect(main(page)).toContainText("created with the API")
  await expect(main(page)).toContainText(/API token:\s*ci/)

  const header = main(page).locator("header")
  // The instance becomes idle a moment after the run, which is counted within a second.
  await expect(async () => {
    await page.goto(`/${model}`)
    await expect(header).toContainText("warm", { timeout: 1000 })
    await expect(header).toContainText("2 runs", { timeout: 1000 })
  }).toPass()
  await expect(main(page)).toContainText(/Created .*, updated /)
  const costs = main(page).getByRole("region", { name: "Run time and cost" })
  await expect(costs).toContainText(/Median run time\s*[\d.]+ s/)
  await expect(costs).toContainText(/A run costs about\s*\$0\.0\d+/)
  await expect(costs).toContainText(/Runs for \$1\s*about [\d,]+/)

  await page.goto("/")
  await expect(main(page).getByRole("region", { name: "Recent runs" }).getByRole("row")).toHaveCount(3)
  const instances = main(page).getByRole("region", { name: "Running instances" })
  await expect(instances.getByRole("row").nth(1)).toContainText(new RegExp(`${first}/mine.*idle`, "s"))
  const spending = main(page).getByRole("region", { name: "Spending" })
  await expect(spending).toContainText(/Today\s*\$0\.0\d+/)
  await expect(spending).toContainText(new RegExp(String.raw`${first}/mine\s*\$0\.0\d+`))
  await expectAccessible(page)
})

test("a batch stops once another run would exceed its spending limit", async ({ sharedInstance, openPage }) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  await page.goto(`/${model}/batch`)
  await main(page).getByLabel("Inputs", { exact: true }).fill("text\nfirst\nsecond\nthird")
  const limit = main(page).getByLabel(/^Spending limit/)
  await limit.fill("little")
  await main(page).getByRole("button", { name: "Start" }).click()
  await expect(main(page)).toContainText("Enter an amount in US dollars.")
  await limit.fill("$0.0000001")
  await main(page).getByRole("button", { name: "Start" }).click()
  await expect(page).toHaveURL(/\/batches\/[0-9a-z]{26}$/)
  await expect(main(page)).toContainText("The spending limit was reached", { timeout: 60_000 })
  await expect(main(page)).toContainText("1 of 3 runs finished")
  await expect(main(page).getByRole("row").nth(1)).toContainText("succeeded")
  await expect(main(page).getByRole("row").nth(2)).toContainText("not started")
  await expectAccessible(page)
})

test("a model is run with the keyboard alone", async ({ sharedInstance, openPage }) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const model = await ownEcho(server, first, "mine")
  await openPlayground(page, model)
  async function tabTo(selector: string) {
    for (let n = 0; n < 100; n++) {
      await page.keyboard.press("Tab")
      if (await page.evaluate((one) => document.activeElement?.matches(one), selector)) return
    }
    throw new Error(`Tab does not lead to ${selector}.`)
  }
  await tabTo('[name="input.text"]')
  await page.keyboard.press("Control+A")
  await page.keyboard.type("typed")
  await tabTo('[type="submit"]')
  await page.keyboard.press("Enter")
  await expect(output(page).locator("[aria-live=polite]")).toContainText("typed")
  await tabTo('a[href^="/p/"]')
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/\/p\/[0-9a-z]{26}$/)
})

test("of a large run, its pages show what fits, and all of it can be downloaded", async ({
  sharedInstance,
  openPage,
}) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/")
  const { name: model, version, token } = await ownEchoAndToken(server, first, "mine")
  const text = `${"long".repeat(400)} `.repeat(100)
  const created = await page.request.post("/v1/predictions", {
    headers: { authorization: `Bearer ${token}`, prefer: "wait" },
    data: { version, input: { text } },
  })
  const { id } = (await created.json()) as { id: string }
  await page.goto(`/p/${id}`)
  await expect(output(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  await page.reload()
  await expect(main(page)).toContainText("The input is too large to show here.")
  await expect(main(page)).toContainText("The input is too large to be shown as code.")
  await expect(output(page)).toContainText("Only the beginning of the output is shown here.")
  await expect(output(page)).toContainText("longlong")
  expect((await page.content()).length).toBeLessThan(500_000)
  await expectAccessible(page)
  const link = output(page).getByRole("link", { name: "Download the run as JSON" })
  const whole = await page.request.get((await link.getAttribute("href"))!)
  expect(await whole.json()).toMatchObject({ id, input: { text } })

  await main(page).getByRole("link", { name: "Tweak it" }).click()
  await expect(main(page)).toContainText("The input of this run is too large for this form.")
  await expect(main(page).getByLabel(/^text/)).toHaveValue("hello")
  await page.goto(`/predictions/compare?a=${id}&b=${id}`)
  await expect(main(page)).toContainText("The input of one of them is too large to compare here.")
  await expectAccessible(page)

  // What is typed is shown as code as long as that is not too large.
  await openPlayground(page, model)
  await main(page).getByLabel(/^text/).fill(text)
  await main(page).getByRole("tab", { name: "Python" }).click()
  await expect(main(page).getByRole("tabpanel", { name: "Python" })).toContainText("too large to be shown as code")
})
