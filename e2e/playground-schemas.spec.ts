import type { Page } from "@playwright/test"

import { expect, test } from "./fixtures"
import { runScript } from "./run-script"

// The forms of published schemas in a real browser, filled in as by a person: the types of what they send match the
// schema. Sixty forms with every kind of control; with ALL_SCHEMAS=1 also every distinct input of all schemas, many per
// form, which takes minutes; with ALL_SCHEMAS=forms every form, which takes hours.

type Sample = {
  path: string
  fields: number
  texts: Record<string, string>
  secrets: string[]
  input: Record<string, unknown>
}

const extent = process.env.ALL_SCHEMAS === "forms" ? "all" : process.env.ALL_SCHEMAS === "1" ? "fields" : "some"

test("forms of published schemas are filled in, and send what their schemas want", async ({
  instance,
  openPage,
  noise,
}) => {
  // Pictures of example.com are previewed, and are not there.
  noise.allow(/status of 404 .*\/images\//)
  test.setTimeout(extent === "all" ? 12 * 3600_000 : 3600_000)
  const { origin, data } = await instance({ ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0", PREDICTIONS_PER_ACCOUNT: "0" })
  const { cookie, pages } = await runScript<{ cookie: string; pages: Sample[] }>("playground-data", data, {
    args: [extent],
  })
  expect(pages.length).toBeGreaterThanOrEqual(60)
  const page = await openPage({ baseURL: origin })
  await page.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }])
  page.setDefaultTimeout(15_000)
  const odd: string[] = []
  const began = performance.now()
  for (const sample of pages) {
    await page.goto(sample.path)
    const wrong = await fillAndRun(page, sample).catch((error: Error) => error.message.slice(0, 500))
    if (!wrong) continue
    odd.push(`${sample.path}: ${wrong}`)
    // Printed immediately, because a full run takes hours.
    console.log(odd.at(-1))
  }
  const fields = pages.reduce((sum, sample) => sum + sample.fields, 0)
  console.log(`${pages.length} forms, ${fields} inputs, ${Math.round((performance.now() - began) / 1000)} s`)
  expect(odd).toEqual([])
})

/** Fills in the form and runs it. Returns what went wrong, or nothing. */
async function fillAndRun(page: Page, { texts, secrets, input }: Sample): Promise<string | undefined> {
  const main = page.getByRole("main")
  for (const fold of await main.locator("form details:not([open]) > summary").all()) await fold.click()
  // One query for all, because there are hundreds.
  const kinds = await main
    .locator("form")
    .first()
    .evaluate((form) =>
      Object.fromEntries(
        [...(form as HTMLFormElement).elements].map((one) => [
          one.getAttribute("name"),
          one.getAttribute("type") ?? one.localName,
        ]),
      ),
    )
  const isTyped = ([name]: [string, string]) => /^(text|textarea|password)$/.test(kinds[name] ?? "")
  const inputs = Object.entries(texts)
  await type(page, inputs.filter(isTyped))
  for (const [name, text] of inputs.filter((input) => !isTyped(input))) await fill(page, name, kinds[name], text)
  await main.getByRole("tab", { name: "JSON", exact: true }).click()
  const shown = JSON.parse(await main.getByLabel("Input as JSON").inputValue()) as Record<string, unknown>
  const open = Object.fromEntries(Object.entries(input).filter(([name]) => !secrets.includes(name)))
  expect(shown).toEqual(open)
  await main.getByRole("tab", { name: "Form", exact: true }).click()
  await main.getByRole("button", { name: "Run", exact: true }).click()
  const complaint = main.locator("[aria-invalid=true], [role=alert]").first()
  await expect
    .poll(async () => page.url().includes("prediction=") || (await complaint.isVisible()), {
      timeout: 15_000,
      intervals: [100],
    })
    .toBe(true)
  const id = new URL(page.url()).searchParams.get("prediction")
  if (!id) return `refused: ${(await main.locator("form").innerText()).slice(0, 300)}`
  // The server may just be closing the idle connection that the request gets.
  const answer = await page.request.get(`/api/web/predictions/${id}`, { maxRetries: 2 })
  const made = ((await answer.json()) as { prediction: { input: Record<string, unknown> } }).prediction
  expect(made.input).toMatchObject(open)
  return undefined
}

/**
 * Types into many controls with the browser's own editing, as Playwright's fill() does, which would take twice as
 * long. React updates the form after each.
 */
async function type(page: Page, texts: [name: string, text: string][]) {
  const form = page.getByRole("main").locator("form").first()
  await form.evaluate(async (form, texts) => {
    for (const [name, text] of texts) {
      const named = [...(form as HTMLFormElement).elements].filter((one) => one.getAttribute("name") === name)
      const control = named.at(-1) as HTMLInputElement | HTMLTextAreaElement
      control.focus()
      if (document.activeElement !== control || control.readOnly || !control.checkVisibility())
        throw new Error(`Nothing can be typed into ${name}.`)
      control.select()
      document.execCommand(text === "" ? "delete" : "insertText", false, text)
      if (control.value !== text) throw new Error(`${name} has ${control.value} instead of ${text}.`)
      await new Promise((resolve) => setTimeout(resolve))
    }
  }, texts)
}

async function fill(page: Page, name: string, kind: string | undefined, text: string) {
  const control = page.locator(`[name=${JSON.stringify(name)}]`).last()
  if (kind === "hidden") {
    const group = control.locator("xpath=ancestor::*[@role='group'][1]")
    for (const [n, address] of (JSON.parse(text || "[]") as string[]).entries()) {
      await group.getByRole("button", { name: "Add an address" }).click()
      await group.getByLabel(`File ${n + 1}`, { exact: true }).fill(address)
    }
  } else if (kind === "checkbox") await control.setChecked(text === "true")
  else if (kind === "select") await control.selectOption(text)
  else await control.fill(text)
}
