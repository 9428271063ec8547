import { createTargets, type AuthorizationData } from "./authorization-targets"
import { visit, visits } from "./every-page"
import { expect, test, type Page } from "./fixtures"

test.use({ javaScriptEnabled: false })

let data: AuthorizationData
test.beforeAll(async () => {
  data = await createTargets()
})
// A browser that runs no scripts reports a script it was told to preload as blocked; and what is refused here is refused on purpose.
test.beforeEach(({ noise }) =>
  noise.allow(/^failed: GET .*\/_next\/static\/chunks\/\S+\.js csp$/, /Failed to load resource: .* status of 4\d\d/),
)

/** These end sessions that the tests share, or change what belongs to other tests. */
const others =
  /^(Sign out|Disable|Enable|Make administrator|No longer administrator|Turn off|Rename|Delete data|Remove administrator)/

const formsOf = (page: Page) =>
  page
    .getByRole("main")
    .locator("form")
    .filter({ has: page.locator("button[type=submit]") })
const typed =
  "input:is([type=text], [type=email], [type=search], [type=url], [type=number], :not([type])):visible, textarea:visible"

for (const { pattern, who } of visits)
  test(`without scripts every form gets a page for an answer: ${pattern}, ${who}`, async ({ page }) => {
    await visit(page, data, pattern, who)
    const count = await formsOf(page).count()
    for (let n = 0; n < count; n++) {
      if (n > 0) await visit(page, data, pattern, who)
      const form = formsOf(page).nth(n)
      const submit = form.locator("button[type=submit]:visible").first()
      if ((await submit.count()) === 0 || (await submit.isDisabled())) continue
      const label = (await submit.getAttribute("aria-label")) ?? (await submit.innerText())
      if (others.test(label.trim())) continue
      for (const field of await form.locator(typed).all()) if (await field.isEditable()) await field.fill("7")
      for (const field of await form.locator("input[type=password]:visible").all()) await field.fill("short")
      for (const field of await form.locator("input[type=checkbox][required]:visible").all()) await field.check()

      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303),
        submit.click(),
      ])
      expect(answer.status(), `${label}: ${answer.url()}`).toBeLessThan(500)
      // A picture that is sent to a route of its own is answered there; everything else is a page.
      expect(answer.headers()["content-type"], label).toContain("text/html")
      await expect(page.getByRole("heading", { level: 1 }), label).not.toHaveText(
        /could not be shown|was refused|went wrong/,
      )
    }
  })

test("without scripts an invitation by link is accepted, and a password set by one", async ({ page, context }) => {
  const fresh = await createTargets()
  const [name, value] = fresh.principals.stranger!.cookie.split("=", 2) as [string, string]
  await context.addCookies([{ name, value, url: process.env.E2E_BASE_URL! }])
  await page.goto(`/invitations/${fresh.invitation}`)
  await page.getByRole("button", { name: /^Join as/ }).click()
  await expect(page).toHaveURL(new RegExp(`/organizations/${fresh.organization}`))

  await context.clearCookies()
  await page.goto(`/signin/reset/${fresh.reset}`)
  await page.getByLabel("New password").fill("a fine new phrase")
  await page.getByRole("button", { name: "Set password" }).click()
  await expect(page).toHaveURL(/\/signin/)
})
