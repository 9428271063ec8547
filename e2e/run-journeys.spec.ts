import { writeFile } from "node:fs/promises"

import { expectAccessible } from "./axe"
import { main, openPlayground, output, ownEcho, ownEchoAndToken, run, signUp } from "./echo"
import { expect, test, type Page } from "./fixtures"
import { makeStates } from "./run-states"

test.describe.configure({ timeout: 300_000 })

/** Records a video of a moving square, half a second long. */
async function recordVideo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas")
    canvas.width = canvas.height = 64
    const context = canvas.getContext("2d")!
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    recorder.start()
    for (let n = 0; n < 12; n++) {
      context.fillStyle = n % 2 === 0 ? "teal" : "orange"
      context.fillRect(n * 4, 8, 24, 24)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve
      recorder.stop()
    })
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""))
  })
  return Buffer.from(base64, "base64")
}

test("outputs are played, compared and downloaded; a failed set-up is explained; data that expired is gone", async ({
  instance,
  openPage,
}, info) => {
  const server = await instance()
  const page = await openPage({ baseURL: server.origin })
  await page.goto("/signin")
  const video = info.outputPath("clip.webm")
  await writeFile(video, await recordVideo(page))
  const { pages, shared, signIn } = await makeStates(server, { VIDEO: video })
  await signIn(page)
  const open = (name: string) => page.goto(pages[name]!)

  // Audio, video and a file that is neither.
  await open("prediction with audio and files")
  const audio = output(page).getByLabel("Output: speech.wav")
  await expect.poll(() => audio.evaluate((one: HTMLAudioElement) => one.duration)).toBe(1)
  expect(await audio.evaluate((one: HTMLAudioElement) => one.play().then(() => !one.paused))).toBe(true)
  const clip = output(page).getByLabel("Output: clip.webm")
  await expect.poll(() => clip.evaluate((one: HTMLVideoElement) => one.videoWidth)).toBe(64)
  await expect(output(page).getByRole("link", { name: "Download notes.txt" })).toBeVisible()

  // All files at once.
  const names: string[] = []
  page.on("download", (download) => names.push(download.suggestedFilename()))
  await output(page).getByRole("button", { name: "Download all 3 files" }).click()
  await expect.poll(() => names.toSorted()).toEqual(["clip.webm", "notes.txt", "speech.wav"])

  // Objects and lists within an object.
  await open("prediction with nested objects")
  await expect(output(page).getByRole("img")).toHaveCount(3)
  for (const name of ["layers", "best", "crop", "box", "warning"])
    await expect(output(page).getByText(name, { exact: true })).toBeVisible()
  const metrics = output(page).getByRole("region", { name: "Metrics of the model" })
  await expect(metrics).toContainText(/input_tokens\s*12/)
  await expect(metrics).not.toContainText("predict_time")

  // A slider compares two pictures.
  await open("two runs compared")
  const slider = main(page).getByLabel("How much of A is shown")
  const first = main(page).getByRole("img", { name: "Output of A" })
  expect(await first.evaluate((one) => one.style.clipPath)).toMatch(/^inset\(0(px)? 50% 0(px)? 0(px)?\)$/)
  await slider.focus()
  await page.keyboard.press("End")
  expect(await first.evaluate((one) => one.style.clipPath)).toMatch(/^inset\(0(px)?( 0%?)?.*\)$/)
  await page.keyboard.press("ArrowLeft")
  expect(await first.evaluate((one) => one.style.clipPath)).toContain("1%")

  // The page of a model whose set-up fails says so, and its owner sees the log.
  await open("playground of a model that cannot be set up")
  await expect(main(page)).toContainText("paused")
  await main(page).getByText("Log of the last set-up").click()
  await expect(main(page).getByRole("region", { name: "Set-up log" })).toContainText("No module named torch")
  await expectAccessible(page)
  const stranger = await openPage({ baseURL: server.origin })
  await stranger.goto(pages["playground of a model that cannot be set up"]!)
  await expect(main(stranger)).toContainText("paused")
  await expect(main(stranger)).not.toContainText("torch")
  await expect(main(stranger)).not.toContainText("Log of the last set-up")

  // So does the page of its version, where its owner retries the set-up.
  await stranger.goto(pages["version that cannot be set up"]!)
  await expect(main(stranger).getByRole("heading", { name: "Inputs" })).toBeVisible()
  await expect(main(stranger)).not.toContainText("Set-up")
  await open("version that cannot be set up")
  await expect(main(page)).toContainText("Set-up keeps failing")
  await expect(main(page).getByRole("region", { name: "Set-up log" })).toContainText("No module named torch")
  await main(page).getByRole("button", { name: "Retry set-up" }).click()
  await expect(main(page).getByRole("status").filter({ hasText: "set up again" })).toBeVisible()
  await expect(main(page)).not.toContainText("Set-up keeps failing")
  await open("playground of a model that cannot be set up")
  await expect(main(page)).not.toContainText("paused")

  // An expired run has lost its input, output and logs.
  await open("prediction that expired")
  await expect(main(page)).toContainText("Input, output and logs of this run were removed.")
  await expect(main(page)).not.toContainText("kept for a while")
  await expect(main(page).getByRole("button", { name: "Run again" })).toHaveCount(0)

  // A preview of the shared page, before a link exists.
  await open("prediction with a text")
  await main(page).getByRole("link", { name: "Preview what others would see" }).click()
  await expect(main(page).getByRole("heading", { name: "Shared prediction" })).toBeVisible()
  await expect(main(page).getByRole("heading", { name: "Input", exact: true })).toBeVisible()
  await main(page).getByRole("link", { name: "Show it without the input" }).click()
  await expect(main(page).getByRole("heading", { name: "Input", exact: true })).toHaveCount(0)
  await expect(main(page)).toContainText("so that nobody falls")
  await stranger.goto(shared["shared prediction"]!)
  await expect(main(stranger)).not.toContainText("Preview")
  await main(page).getByRole("link", { name: "Back to the prediction" }).click()
  await expect(main(page).getByRole("button", { name: "Create link" })).toBeVisible()

  // The history can be filtered by cost.
  await page.goto("/predictions")
  await main(page).getByLabel("Cost at least").fill("much")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page)).toContainText("Enter an amount in US dollars")
  await main(page).getByLabel("Cost at least").fill("$0.03")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page)).toContainText("Costs are searched in the newest 5,000 predictions")
  await expect(main(page).getByRole("row").nth(1)).toContainText("$0.034")
  await expect(main(page)).not.toContainText("$0.023")
})

test("a version is tried with a click, compared side by side, and released", async ({ instance, openPage }) => {
  const server = await instance()
  const page = await openPage({ baseURL: server.origin })
  const { pages, signIn } = await makeStates(server)
  await signIn(page)
  await page.goto(pages["version to try"]!)
  await main(page).getByRole("button", { name: "On the examples" }).click()
  await expect(page).toHaveURL(/\/batches\/[0-9a-z]{26}$/)
  await expect(main(page).getByRole("heading", { name: "Trial of a version" })).toBeVisible()
  await expect(main(page)).toContainText("0 of 1 run finished")
  const pair = main(page).getByRole("listitem").filter({ hasText: "Input 1" })
  await expect(pair.getByRole("img")).toHaveCount(1)
  await expectAccessible(page)
  await main(page).getByRole("button", { name: "Cancel", exact: true }).click()
  await expect(main(page)).toContainText("canceled")

  await page.goto(pages["trial with a failure"]!)
  const summary = main(page).getByRole("region", { name: "Summary" })
  await expect(summary.getByRole("row", { name: /^Failed/ })).toContainText(/0\s*1/)
  await expect(summary.getByRole("row", { name: /^Median run time/ })).toContainText(/3\.2 s\s*4\.8 s/)
  const last = main(page).getByRole("listitem").filter({ hasText: "Input 2" })
  await expect(last.getByRole("img").first()).toBeVisible()
  await last.getByText("Input", { exact: true }).click()
  await expect(last.getByText("a lighthouse")).toBeVisible()
  await expect(main(page)).toContainText("CUDA out of memory")
  await last.getByRole("link", { name: /^Compare/ }).click()
  await expect(main(page).getByRole("heading", { name: "Compare predictions" })).toBeVisible()

  await page.goto(pages["trial of a version"]!)
  await main(page).getByRole("button", { name: "Move stable to this version" }).click()
  await expect(main(page)).toContainText("stable now points to this version")
  await page.goto("/states/painter/versions")
  await expect(main(page)).toContainText("stable")
})

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
  // The instance becomes idle a moment after the run.
  await expect(async () => {
    await page.goto(`/${model}`)
    await expect(header).toContainText("warm", { timeout: 1000 })
  }).toPass()
  await expect(header).toContainText("2 runs")
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
