import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, holdScripts, test, type Instance, type Page } from "./fixtures"
import { credentials } from "./forms"

// Inputs that the bundled models do not have. SHOTS=folder saves pictures of the form there.

test.describe.configure({ timeout: 180_000 })

const playground = "/designer/forms/playground"
const main = (page: Page) => page.getByRole("main")
const shots = process.env.SHOTS

const cookies = new WeakMap<Instance, Promise<string>>()

/** Creates the model unless the server has it, and returns the cookie of its owner. */
function aModelWithForms(own: Instance): Promise<string> {
  if (!cookies.has(own)) cookies.set(own, createModelWithForms(own))
  return cookies.get(own)!
}

async function createModelWithForms({ data }: Instance): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "e2e/form-data.ts"],
    { env: { ...process.env, DATA_DIR: data, DATABASE_URL: "" } },
  )
  return stdout.trim().split("\n").at(-1)!
}

async function openForm(page: Page, path = playground) {
  await page.goto(path)
  await expect(page.locator("input[name=scripts]")).toBeAttached()
  await unfold(page)
}

/** Expands the inputs after the first six. */
const unfold = (page: Page) => main(page).locator("form details:not([open]) > summary").click()

/** The input of the run on the page. */
async function inputOfRun(page: Page): Promise<unknown> {
  await expect(page).toHaveURL(/\?prediction=/)
  const id = new URL(page.url()).searchParams.get("prediction")
  const answer = await page.request.get(`/api/web/predictions/${id}`)
  return ((await answer.json()) as { prediction: { input: unknown } }).prediction.input
}

async function pictures(page: Page, name: string) {
  if (!shots) return
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: `${shots}/${name}.${width}.${colorScheme}.png`, fullPage: true })
    }
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.emulateMedia({ colorScheme: "light" })
}

/** The names of inputs that get the focus at the bottom of the screen and stay hidden by the bar with the Run button. */
const underTheBar = (page: Page) =>
  page.evaluate(() => {
    const form = document.querySelector("main form")!
    const run = form.querySelector<HTMLElement>("button[type=submit]")!
    const bar = run.closest(".sticky")!
    const hidden = [...form.querySelectorAll<HTMLInputElement>("input, textarea, select")].flatMap((input) => {
      if (!input.checkVisibility()) return []
      input.blur()
      scrollBy(0, input.getBoundingClientRect().bottom - innerHeight)
      input.focus()
      return input.getBoundingClientRect().bottom > bar.getBoundingClientRect().top ? [input.name] : []
    })
    scrollTo(0, 0)
    run.focus()
    return scrollY === 0 ? hidden : [...hidden, "The page scrolls for the bar itself."]
  })

test("the form of a union is chosen, patterns are checked, numbers are stepped, and Ctrl+Enter runs", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  const value = await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin })
  await page.context().addCookies([{ name: "understudy.session", value, url: own.origin }])
  await openForm(page)
  const form = main(page)
  const texts = form.locator('[name="input.texts"]')

  await texts.fill("12")
  await form.getByLabel("Form of texts").selectOption("list of texts")
  await texts.fill('["one", "two"]')
  await form.getByRole("tab", { name: "JSON", exact: true }).click()
  const json = form.getByLabel("Input as JSON")
  await expect(json).toHaveValue(/"texts": \[\s+"one",\s+"two"\s+\]/)
  await json.fill('{"texts": 7, "strength": 0.75}')
  await form.getByRole("tab", { name: "Form", exact: true }).click()
  await expect(form.getByLabel("Form of texts")).toHaveValue("2")
  await expect(texts).toHaveValue("7")
  await texts.fill("70")
  await expect(form).toContainText("Enter at most 10.")
  await form.getByLabel("Form of texts").selectOption("text")
  await texts.fill("12")
  await expect(form).not.toContainText("Enter at most 10.")

  await expect(form).toContainText("Pattern: ^[a-z]{3}-\\d+$")
  const code = form.locator('[name="input.code"]')
  await code.fill("abc")
  await expect(form).toContainText("This does not match the pattern.")
  await expect(code).toHaveAttribute("aria-invalid", "true")
  // A slow pattern blocks neither the page nor the checks of other fields.
  await form.locator('[name="input.slow"]').fill(`${"a".repeat(40)}!`)
  await expect(form).toContainText("This does not match the pattern.")
  await code.fill("abc-1")
  await expect(form).not.toContainText("This does not match the pattern.")
  await form.locator('[name="input.slow"]').fill("aaa")

  const seed = form.locator('[name="input.seed"]')
  await seed.fill("9223372036854775806")
  await seed.press("ArrowUp")
  await expect(seed).toHaveValue("9223372036854775807")
  await form.locator('[name="input.strength"]').press("ArrowDown")
  await expect(form.locator('[name="input.strength"]')).toHaveValue("0.74")
  await expectAccessible(page)
  expect(await underTheBar(page)).toEqual([])
  await pictures(page, "form")
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 720 })

  await expect(form).toContainText("Ctrl Enter runs it")
  await code.press("Enter")
  await expect(code).toHaveValue("abc-1\n")
  await code.fill("abc-1")
  await code.press("Control+Enter")
  expect(await inputOfRun(page)).toMatchObject({
    texts: "12",
    code: "abc-1",
    slow: "aaa",
    strength: 0.74,
  })
})

const dot = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

test("a picture elsewhere is shown through this server, and a number is typed before scripts run", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  const value = await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin })
  await page.context().addCookies([{ name: "understudy.session", value, url: own.origin }])
  await page.route("**/images/**", (route) => route.fulfill({ contentType: "image/png", body: dot }))
  const release = await holdScripts(page)
  await page.goto(playground, { waitUntil: "commit" })
  const form = main(page)
  await unfold(page)
  await form.locator('[name="input.prompt"]').fill("early")
  await form.locator('[name="input.share"]').fill("7")
  await form.locator('[name="input.picture"]').fill("https://example.com/cat.png")
  release()
  await expect(page.locator("input[name=scripts]")).toBeAttached()
  await expect(form.getByRole("img", { name: "Chosen: cat.png" })).toHaveAttribute("src", /^\/images\//)
  await expect(form.locator('[name="input.share"]')).toHaveValue("7")
  await expectAccessible(page)
  await form.getByRole("button", { name: "Run", exact: true }).click()
  expect(await inputOfRun(page)).toMatchObject({ prompt: "early", share: 7, picture: "https://example.com/cat.png" })
})

test("without scripts a union is JSON or a text, and the server checks patterns", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const own = await sharedInstance()
  const value = await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin, javaScriptEnabled: false })
  await page.context().addCookies([{ name: "understudy.session", value, url: own.origin }])
  await page.goto(playground)
  const form = main(page)
  await form.locator('[name="input.texts"]').fill('["posted"]')
  await form.locator('[name="input.code"]').fill("nonsense")
  await form.getByRole("button", { name: "Run", exact: true }).click()
  await expect(form).toContainText("code: Does not match pattern")
  await expect(form.locator('[name="input.texts"]')).toHaveValue('["posted"]')
  await form.locator('[name="input.code"]').fill("abc-1")
  await form.getByRole("button", { name: "Run", exact: true }).click()
  await expect(page).toHaveURL(/\/p\/[0-9a-z]{26}$/)
  await expect(form).toContainText('"posted"')
})

test("whoever signs in to run comes back to all that was typed, but for secrets", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin })
  const form = main(page)
  const long = `A long story. ${"word ".repeat(2000)}`
  for (const text of ["short", long]) {
    await page.context().clearCookies()
    await openForm(page)
    await form.locator('[name="input.prompt"]').fill(text)
    await form.locator('[name="input.password"]').fill("hush")
    await form.getByLabel("Form of texts").selectOption("list of texts")
    // Unfinished JSON is kept, too.
    await form.locator('[name="input.texts"]').fill('["unfinished')
    await form.getByRole("button", { name: "Sign in to run" }).click()
    await expect(page).toHaveURL(/\/signin\?next=/)
    expect(page.url()).not.toContain("hush")
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("hush")
    await credentials(page).fill("designer", "correct horse battery")
    await credentials(page).signIn.click()
    await expect(page).toHaveURL(/\/designer\/forms\/playground/)
    await expect(form.locator('[name="input.prompt"]')).toHaveValue(text)
    await expect(form.locator('[name="input.texts"]')).toHaveValue('["unfinished')
    await expect(form.locator('[name="input.password"]')).toHaveValue("")
    await expect(page).not.toHaveURL(/draft=/)
    expect(await page.evaluate(() => sessionStorage.getItem("understudy.run.designer/forms"))).toBeNull()
  }
  await form.locator('[name="input.texts"]').fill('["finished"]')
  await form.getByRole("button", { name: "Run", exact: true }).click()
  expect(await inputOfRun(page)).toMatchObject({ prompt: long, texts: ["finished"] })
})

test("without scripts, too, whoever signs in comes back to what was typed", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const own = await sharedInstance()
  await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin, javaScriptEnabled: false })
  const form = main(page)
  await page.goto(playground)
  await unfold(page)
  await form.locator('[name="input.prompt"]').fill("short")
  await form.locator('[name="input.password"]').fill("hush")
  await form.getByRole("button", { name: "Sign in to run" }).click()
  await expect(page).toHaveURL(/\/signin\?next=/)
  expect(page.url()).not.toContain("hush")
  await credentials(page).fill("designer", "correct horse battery")
  await credentials(page).signIn.click()
  await expect(form.locator('[name="input.prompt"]')).toHaveValue("short")

  // Text that is too long for a URL stays in the form.
  await page.context().clearCookies()
  await page.goto(playground)
  const long = "word ".repeat(2000)
  await unfold(page)
  await form.locator('[name="input.prompt"]').fill(long)
  await form.getByRole("button", { name: "Sign in to run" }).click()
  await expect(form.getByRole("alert")).toContainText("what you typed is still here")
  await expectNoSidewaysScroll(page)
  const popup = page.waitForEvent("popup")
  await form.getByRole("link", { name: "Sign in in a new tab" }).click()
  const other = await popup
  await credentials(other).fill("designer", "correct horse battery")
  await credentials(other).signIn.click()
  await expect(other).toHaveURL(/\/designer\/forms\/playground/)
  await expect(form.locator('[name="input.prompt"]')).toHaveValue(long)
  await form.getByRole("button", { name: "Sign in to run" }).click()
  await expect(page).toHaveURL(/\/p\/[0-9a-z]{26}$/)
})

test("a link to the input of the form opens it filled in, without its secrets", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin, permissions: ["clipboard-read", "clipboard-write"] })
  await openForm(page)
  const form = main(page)
  await form.locator('[name="input.prompt"]').fill("to be shared")
  await form.locator('[name="input.password"]').fill("hush")
  await form.locator('[name="input.strength"]').fill("0.5")
  await form.getByRole("button", { name: "Copy link to this input" }).click()
  await expect(form).toContainText("Copied")
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).not.toContain("hush")
  const other = await openPage({ baseURL: own.origin })
  await openForm(other, link)
  await expect(main(other).locator('[name="input.prompt"]')).toHaveValue("to be shared")
  await expect(main(other).locator('[name="input.strength"]')).toHaveValue("0.5")
  await expect(main(other).locator('[name="input.password"]')).toHaveValue("")
  await form.locator('[name="input.prompt"]').fill("x".repeat(9000))
  await expect(form).toContainText("Too long for a link")
})

test("the API tab has the install step, the output, examples to choose, and types to download", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  await aModelWithForms(own)
  const page = await openPage({ baseURL: own.origin })
  await page.goto("/designer/forms/api")
  const tab = main(page)
  await expect(tab).toContainText("npm install replicate")
  await expect(tab.getByRole("region", { name: "Inputs of the latest version" })).toContainText("pattern: ^[a-z]{3}")
  await expect(tab.getByRole("region", { name: "Output of the latest version" })).toContainText("The picture")
  await expect(tab.getByRole("region", { name: "Types in TypeScript" })).toContainText("seed?: number")
  await expectAccessible(page)
  await pictures(page, "api")
  for (const [label, content] of [
    ["TypeScript", "texts?: string | string[] | number"],
    ["Python", "texts: NotRequired[str | list[str] | int]"],
    ["JSON Schema", '"pattern": "^[a-z]{3}-\\\\d+$"'],
  ] as const) {
    await tab.getByRole("tablist", { name: "Types in" }).getByRole("tab", { name: label, exact: true }).click()
    const downloading = page.waitForEvent("download")
    await tab.getByRole("link", { name: `Download for ${label}` }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^forms\.(ts|py|json)$/)
    expect(await readFile(await download.path(), "utf8")).toContain(content)
  }
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
})
