import { createTargets, type AuthorizationData } from "./authorization-targets"
import { visit, visits } from "./every-page"
import { expect, test, type Page } from "./fixtures"
import { createForm } from "./forms"

// Simulates a browser's translator: it moves every text node into an element of its own, at once and whenever a new one
// appears.

let data: AuthorizationData
test.beforeAll(async () => {
  data = await createTargets()
})

async function translate(page: Page) {
  // Not before hydration ends: React rebuilds parts that differ while it hydrates.
  await page.waitForFunction(() => {
    const keyOf = (element: Element, name: string) => Object.keys(element).find((key) => key.startsWith(name))
    const isHydrated = (element: Element) => keyOf(element, "__reactFiber") !== undefined
    const holdsMarkup = (element: Element) => {
      const key = keyOf(element, "__reactProps")
      return key !== undefined && Reflect.get(element, key)?.dangerouslySetInnerHTML !== undefined
    }
    return (
      isHydrated(document.body) &&
      [
        ...document.querySelectorAll(
          ":is(header, main, footer) :not(script, style, template, link, meta, [type=hidden])",
        ),
      ].every(
        (element) => isHydrated(element) || holdsMarkup(element.parentElement!) || !isHydrated(element.parentElement!),
      )
    )
  })
  await page.evaluate(() => {
    const untouched = new Set(["SCRIPT", "STYLE", "TEXTAREA", "FONT", "TITLE", "OPTION"])
    const wrap = (text: Text) => {
      if (!text.parentElement || untouched.has(text.parentElement.tagName) || text.data.trim() === "") return
      // Browsers skip elements marked as not translatable, such as code.
      if (text.parentElement.closest("[translate=no]")) return
      const [outer, inner] = [document.createElement("font"), document.createElement("font")]
      text.replaceWith(outer)
      outer.append(inner)
      inner.append(text)
    }
    const wrapAll = (root: Node) => {
      if (root instanceof Text) return wrap(root)
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      const texts: Text[] = []
      while (walker.nextNode()) texts.push(walker.currentNode as Text)
      for (const text of texts) wrap(text)
    }
    wrapAll(document.body)
    Object.assign(window, { translated: true })
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) if (node.isConnected) wrapAll(node)
    }).observe(document.body, { childList: true, subtree: true })
  })
  expect(await page.locator("main font").count()).toBeGreaterThan(0)
}

const expectAlive = async (page: Page) => {
  await expect(page.getByRole("heading", { name: "This page could not be displayed" })).toHaveCount(0)
  await expect(page.getByRole("heading", { name: "Understudy is not available right now" })).toHaveCount(0)
}

const within = (page: Page) => page.getByRole("main")
const once = ":not(form[data-repeated] *)"
const typed = `:is(input:is([type=text], [type=password], [type=email], [type=search], [type=url], :not([type])), textarea):visible${once}`

// A covered element is never clicked, and waiting for it would take the whole test timeout.
// Pages are translated for those who do not read English.
test.use({ actionTimeout: 20_000, locale: "de-DE" })

/** Opens, ticks and fills in everything, so that all conditional content appears and disappears. */
async function useEverything(page: Page) {
  // With the keyboard, because an open menu may cover the next button. It closes when it loses focus.
  for (const summary of await within(page).locator(`summary:visible${once}`).all()) await summary.press("Enter")
  await page.keyboard.press("Escape")
  for (const tab of await within(page).getByRole("tab").all()) await tab.click()
  for (const radio of await within(page).locator(`input[type=radio]:visible:enabled${once}`).all()) await radio.check()
  for (const field of await within(page).locator(typed).all()) {
    if (!(await field.isEditable())) continue
    // A password too short to be accepted: a new one would end the sessions that these tests share.
    await field.fill((await field.getAttribute("type")) === "password" ? "short" : "Not. valid!")
    await field.press("Backspace")
    await field.press("x")
  }
  await expectAlive(page)
}

const formsOf = (page: Page) => within(page).locator("form:not([data-repeated])", { has: page.locator(typed) })

/** Of the identical forms in the rows of a list, only the first is used. */
const leaveOutRepeatedForms = (page: Page) =>
  within(page)
    .locator("form")
    .evaluateAll((forms) => {
      const seen = new Set<string>()
      for (const form of forms as HTMLFormElement[]) {
        const fields = [...form.querySelectorAll(":is(input:not([type=hidden]), select, textarea, button)")]
          .map((field) => `${field.localName} ${field.getAttribute("name")}`)
          .join()
        form.toggleAttribute("data-repeated", seen.has(fields))
        seen.add(fields)
      }
    })

for (const { pattern, who } of visits)
  test(`translated, the page stays whole while its forms are used: ${pattern}, ${who}`, async ({ page, noise }) => {
    // These values are rejected, both by fields that look them up and by forms.
    noise.allow(/status of 4\d\d/)
    const open = async () => {
      await visit(page, data, pattern, who)
      await translate(page)
      await leaveOutRepeatedForms(page)
      await useEverything(page)
    }
    await open()
    const count = await formsOf(page).count()
    for (let n = 0; n < count; n++) {
      // The previous form may have redirected.
      if (!(await page.evaluate(() => "translated" in window))) await open()
      const submit = formsOf(page).nth(n).locator("button[type=submit]:visible").first()
      if ((await submit.count()) === 0 || (await submit.isDisabled())) continue
      await submit.click()
      await expect(page.locator("button[type=submit][aria-disabled=true]")).toHaveCount(0)
      await expectAlive(page)
    }
  })

test("a letter typed into the name of a translated create form is a letter, and the model can be created", async ({
  page,
  alice,
}) => {
  await page.goto("/create")
  await translate(page)
  const form = createForm(page)
  await form.name.pressSequentially("Hot Dog")
  await expect(page.getByText("Available.")).toBeVisible()
  await form.name.fill("dr.-strange")
  await page.getByRole("button", { name: "dr-strange" }).click()
  await expect(page.getByText("Available.")).toBeVisible()
  await form.description.fill("d".repeat(501))
  await form.submit.click()
  await expect(page.getByText("at most 500 characters").first()).toBeVisible()
  await form.description.fill("Tells")
  await form.submit.click()
  await expect(page).toHaveURL(`/${alice.username}/dr-strange`)
  await expectAlive(page)
})

test("from a translated page one goes on to the next", async ({ page }) => {
  await page.goto("/")
  await translate(page)
  await page.getByRole("banner").getByRole("link", { name: "Explore" }).click()
  await expect(page.getByRole("heading", { level: 1, name: "Explore models" })).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL("/")
  await expectAlive(page)
})
