import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Locator } from "@playwright/test"

import { createManyTargets, type AuthorizationData } from "./authorization-targets"
import { reach, visits } from "./every-page"
import { expect, test, uniqueName, type Page } from "./fixtures"
import { ownServer } from "./own-server"

// Every form of every page, submitted by a browser without scripts: once with invalid values, once with valid ones.
// These submissions save, rename and delete, so they go to a separate server, where people and objects are created
// again once they are gone.

let server: Awaited<ReturnType<typeof ownServer>>
let folder: string
/** The current set of people and objects, and those that replace it. */
let data: AuthorizationData | undefined
let unused: AuthorizationData[] = []
test.beforeAll(async () => {
  test.setTimeout(120_000)
  folder = mkdtempSync(join(tmpdir(), "understudy-forms-"))
  server = await ownServer(folder, { RATE_LIMIT_PER_MINUTE: "100000", ANONYMOUS_RATE_LIMIT_PER_MINUTE: "100000" })
})
test.afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Manner = "wrong" | "right"
type Filled = { name: string; value: string }

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

/** What a person would type into an empty field. */
function sensible(
  field: { type: string; name: string; min: string; required: boolean; digits: boolean; isNew: boolean },
  data: AuthorizationData,
) {
  if (field.type === "email") return "somebody@example.com"
  if (field.type === "url" || /url|link/.test(field.name)) return "https://models.invalid/something"
  if (/LIMIT|PER_/.test(field.name)) return "100000"
  if (field.type === "number" || field.digits) return field.min || "1"
  if (field.type === "password") return "a fine new phrase"
  if (/username|to\b/.test(field.name)) return field.isNew ? uniqueName("new") : data.principals.stranger!.username
  if (/slug|name|sku/.test(field.name)) return uniqueName("made")
  return field.required ? "1" : "Something to read"
}

const fields = "input:visible, textarea:visible"

/** Fills in all fields, and returns the values that must still be there when the form is rejected. */
async function fill(form: Locator, manner: Manner, data: AuthorizationData): Promise<Filled[]> {
  const filled: Filled[] = []
  for (const field of await form.locator(fields).all()) {
    const asked = await field.evaluate((element: HTMLInputElement) => ({
      type: element.type,
      name: element.name,
      value: element.value,
      min: element.min,
      required: element.required,
      digits: ["numeric", "decimal"].includes(element.inputMode),
      isNew: /new|create|signup/.test(`${element.autocomplete} ${location.pathname}`),
      fixed: element.readOnly || element.disabled,
    }))
    if (asked.fixed || ["radio", "submit", "hidden"].includes(asked.type)) continue
    if (asked.type === "file") {
      await field.setInputFiles({ name: "picture.png", mimeType: "image/png", buffer: picture })
    } else if (asked.type === "checkbox") {
      if (asked.required && manner === "right") await field.check()
    } else if (["number", "date", "datetime-local", "time"].includes(asked.type)) {
      if (manner === "right" && asked.value === "") await field.fill(sensible(asked, data))
    } else {
      const value = manner === "wrong" ? (asked.type === "password" ? "short" : "Not. valid!") : sensible(asked, data)
      if (manner === "wrong" || asked.value === "") await field.fill(value)
      if (asked.type !== "password" && asked.name) filled.push({ name: asked.name, value: await field.inputValue() })
    }
  }
  return filled
}

const formsOf = (page: Page) => page.getByRole("main").locator("form:not([data-repeated])")

/**
 * Keeps one of several identical forms, such as those in the rows of a list, and expands the sections that contain
 * them.
 */
const showForms = (page: Page) =>
  page
    .getByRole("main")
    .locator("form")
    .evaluateAll((forms) => {
      const seen = new Set<string>()
      for (const form of forms as HTMLFormElement[]) {
        const parts = [...form.querySelectorAll(":is(input:not([type=hidden]), select, textarea, button)")]
        const asks = parts.map((part) => `${part.localName} ${part.getAttribute("name")}`).join()
        const says = parts.length > 1 ? "" : (form.textContent?.trim().split(/\s/)[0] ?? "")
        form.toggleAttribute("data-repeated", seen.has(asks + says))
        seen.add(asks + says)
        // A button may be outside its form.
        for (const part of form.elements) part.setAttribute("data-form", String(seen.size - 1))
      }
    })

const openFoldsOf = (form: Locator) =>
  form.evaluate((element) => {
    for (let fold = element.closest("details"); fold; fold = fold.parentElement!.closest("details")) fold.open = true
    for (const fold of element.querySelectorAll("details")) fold.open = true
  })

/**
 * Passes if the page is a complete one of ours that reports success or the errors, with everything typed still there.
 */
async function expectAnswer(page: Page, from: string, filled: Filled[], what: string) {
  await expect(page.getByRole("banner"), what).toBeVisible()
  await expect(page.getByRole("heading", { level: 1 }), what).not.toHaveText(
    /could not be displayed|not available right now|went wrong/,
  )
  const main = page.getByRole("main")
  const complaints = main.locator("[aria-invalid=true]:visible, [role=alert]:visible")
  if ((await complaints.count()) === 0) {
    const { pathname, search } = new URL(page.url())
    const elsewhere = pathname + search !== from
    expect(elsewhere || (await main.locator("[role=status]:visible").count()) > 0, `${what} is answered`).toBe(true)
    return
  }
  for (const complaint of await complaints.all())
    if (await complaint.getAttribute("aria-invalid")) await expect(complaint, what).toHaveAccessibleDescription(/\w/)
    else await expect(complaint, what).toHaveText(/\w/)
  const kept = await main
    .locator("[name]")
    .evaluateAll((fields) =>
      fields.map((field) => ({ name: (field as HTMLInputElement).name, value: (field as HTMLInputElement).value })),
    )
  for (const one of filled) expect(kept, `${what} keeps ${one.name}`).toContainEqual(one)
}

async function nextTargets() {
  if (unused.length === 0) unused = await createManyTargets(20, folder)
  return unused.pop()!
}

for (const { pattern, who } of visits)
  test(`without scripts every form gets a page for an answer: ${pattern}, ${who}`, async ({ openPage, noise }) => {
    noise.allow(/^failed: GET .*\/_next\/static\/chunks\/\S+\.js csp$/, /Failed to load resource: .* status of 4\d\d/)
    test.setTimeout(240_000)
    const page = await openPage({ baseURL: server.origin, javaScriptEnabled: false })
    /** Returns whose page it is, and its path. */
    const open = async () => {
      // The previous form may have deleted it, ended the session, or removed the rights of the next person.
      for (let tries = 0; tries < 3; tries++) {
        const now = (data ??= await nextTargets())
        await page.context().clearCookies()
        const path = await reach(page, now, pattern, who, server.origin)
        if (path !== null) {
          await showForms(page)
          return { path, now }
        }
        data = undefined
      }
      throw new Error(`${pattern} does not show itself, but ${page.url()}`)
    }
    let unchanged: Awaited<ReturnType<typeof open>> | undefined = await open()
    const forms = await formsOf(page).count()
    for (let n = 0; n < forms; n++)
      for (const manner of ["wrong", "right"] as const) {
        unchanged ??= await open()
        // The previous form may have removed it: making a model private removes the form for that.
        if ((await formsOf(page).count()) <= n) {
          data = undefined
          unchanged = await open()
        }
        const { path: from, now } = unchanged
        const form = formsOf(page).nth(n)
        if ((await form.count()) === 0) continue
        await openFoldsOf(form)
        const buttons = page.getByRole("main").locator(`button[type=submit][data-form="${n}"]:visible:enabled`)
        if ((await buttons.count()) === 0) continue
        if ((await form.locator(fields).count()) > 0) unchanged = undefined
        const filled = await fill(form, manner, now)
        const sent = await form.evaluate((element: HTMLFormElement) => element.noValidate || element.checkValidity())
        if (!sent || (manner === "wrong" && filled.length === 0)) continue
        unchanged = undefined
        const label = (await buttons.first().getAttribute("aria-label")) ?? (await buttons.first().innerText())
        const what = `"${label}", filled in ${manner},`
        const [answer] = await Promise.all([
          page.waitForResponse((one) => one.request().isNavigationRequest() && ![302, 303, 307].includes(one.status())),
          buttons.first().press("Enter"),
        ])
        expect(answer.status(), what).toBeLessThan(500)
        expect(answer.headers()["content-type"], what).toContain("text/html")
        await page.waitForLoadState("domcontentloaded")
        await expectAnswer(page, from, filled, what)
      }
  })

test("without scripts an invitation is accepted and a password set from a link, by a browser that tells no origin too", async ({
  openPage,
  noise,
}) => {
  noise.allow(/^failed: GET .*\/_next\/static\/chunks\/\S+\.js csp$/)
  for (const discreet of [false, true]) {
    const now = await nextTargets()
    const page = await openPage({ baseURL: server.origin, javaScriptEnabled: false })
    if (discreet)
      await page.route(/\/(invitations|reset)\//, async (route) => {
        if (route.request().method() !== "GET") return route.continue()
        const response = await route.fetch()
        const body = (await response.text()).replaceAll(
          'name="referrer" content="same-origin"',
          'name="referrer" content="no-referrer"',
        )
        await route.fulfill({ response, body, headers: { ...response.headers(), "referrer-policy": "no-referrer" } })
      })
    const told: (string | undefined)[] = []
    page.on("request", async (request) => {
      if (request.method() === "POST") told.push((await request.allHeaders()).origin)
    })

    await reach(page, now, "/invitations/[secret]", "stranger", server.origin)
    await page.getByRole("button", { name: /^Join as/ }).click()
    await expect(page).toHaveURL(new RegExp(`/organizations/${now.organization}`))

    await page.context().clearCookies()
    await page.goto(`/signin/reset/${now.reset}`)
    await page.getByLabel("New password").fill("a fine new phrase")
    await page.getByRole("button", { name: "Set password" }).click()
    await expect(page).toHaveURL(/\/signin\?/)
    await expect(page.getByRole("status").filter({ hasText: "Password changed." })).toBeVisible()
    const origin = discreet ? "null" : server.origin
    await expect.poll(() => told).toEqual([origin, origin])
  }
})
