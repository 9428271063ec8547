import { execFile } from "node:child_process"
import { promisify } from "node:util"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, type Instance, type Page } from "./fixtures"

// Inputs that the bundled models do not have. With SHOTS=folder, pictures of the form are left there.

test.describe.configure({ timeout: 180_000 })

const playground = "/designer/forms/playground"
const main = (page: Page) => page.getByRole("main")
const shots = process.env.SHOTS

/** Creates the model, and returns the cookie of its owner. */
async function aModelWithForms({ data }: Instance): Promise<string> {
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
}

/** The input of the run that the page shows. */
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

test("the form of a union is chosen, patterns are checked, numbers are stepped, and Ctrl+Return runs", async ({
  instance,
  openPage,
}) => {
  const own = await instance()
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
  // A pattern that takes for ever holds up neither the page nor the check of others.
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
  await pictures(page, "form")
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 720 })

  await expect(form).toContainText("Ctrl Return runs it")
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

test("without scripts a union is JSON or a text, and the server checks patterns", async ({
  instance,
  openPage,
  noise,
}) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const own = await instance()
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
