import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { signUp } from "./echo"
import { expect, test, uniqueName } from "./fixtures"
import { credentials } from "./forms"
import { hiddenValuesOf } from "./plain-form"

test.describe.configure({ timeout: 180_000 })

test("a model that comes with the product is run in the browser: typed, watched, kept, changed, removed", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/status of 404 .*\/p\//)
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin })
  const main = page.getByRole("main")

  await page.goto("/understudy/echo")
  await page.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Playground" }).click()
  await expect(main.getByRole("button", { name: "Sign in to run" })).toBeVisible()
  await page.goto(`/understudy/echo/playground?inputs=${encodeURIComponent('{"text":"brought along"}')}`)
  await main.getByRole("button", { name: "Sign in to run" }).click()
  await page.getByRole("main").getByRole("link", { name: "Create an account" }).click()
  await expect(main.getByRole("heading", { name: "Create account" })).toBeVisible()
  await credentials(page).fill(uniqueName("first"), "correct horse battery")
  await credentials(page).createAccount.click()
  await page.waitForURL(/\/understudy\/echo\/playground/)
  await expect(main.getByLabel(/^text/)).toHaveValue("brought along")

  // Invalid values stay as typed, with an error message.
  await main.getByLabel(/^repeat/).fill("5000")
  await main.getByRole("button", { name: "Run", exact: true }).click()
  await expect(main.getByLabel(/^repeat/)).toHaveAttribute("aria-invalid", "true")
  await expect(main.getByLabel(/^text/)).toHaveValue("brought along")
  await expectAccessible(page)

  await main.getByLabel(/^text/).fill("one two three")
  await main.getByLabel(/^repeat/).fill("2")
  await main.getByLabel(/^delay/).fill("0.3")
  await main.getByRole("button", { name: "Run", exact: true }).click()
  const output = main.getByRole("region", { name: "Output" })
  await expect(output).toContainText("one two")
  await expect(main.getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  await expect(output).toContainText("one two threeone two three")
  await expectAccessible(page)

  await main.getByRole("link", { name: "Page of this run" }).click()
  await expect(page).toHaveURL(/\/p\/[0-9a-z]{26}$/)
  const address = page.url()
  await expect(main).toContainText('"repeat": 2')
  await main.getByRole("button", { name: "Keep" }).click()
  await expect(main.getByRole("button", { name: "Do not keep" })).toBeVisible()
  await expectAccessible(page)

  await main.getByRole("link", { name: "Tweak it" }).click()
  await expect(main.getByLabel(/^text/)).toHaveValue("one two three")
  await expect(main.getByLabel(/^repeat/)).toHaveValue("2")
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)

  // Others do not learn that this run exists.
  const stranger = await openPage({ baseURL: origin })
  expect((await stranger.goto(address))!.status()).toBe(404)
  const body = await stranger.request.get(address.replace("/p/", "/api/web/predictions/"))
  expect(body.status()).toBe(404)

  await page.goto(address)
  await main.getByRole("button", { name: "Delete data" }).click()
  await expect(main).toContainText("Input, output and logs of this run were removed.")
  await expect(main).not.toContainText("one two three")
})

test("a run that takes long is cancelled, and one that fails says why", async ({ sharedInstance, openPage }) => {
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin })
  const main = page.getByRole("main")
  await page.goto("/signup?next=/understudy/echo/playground")
  await credentials(page).fill(uniqueName("first"), "correct horse battery")
  await credentials(page).createAccount.click()
  await expect(page).toHaveURL(`${origin}/understudy/echo/playground`)
  await main.getByLabel(/^delay/).fill("600")
  await main.getByRole("button", { name: "Run", exact: true }).click()
  // Until then, it may be the example's page, which is shown from a minute after the start.
  await expect(page).toHaveURL(/\?prediction=/)
  await main.getByRole("link", { name: "Page of this run" }).click()
  await main.getByRole("button", { name: "Cancel" }).click()
  await expect(main.getByRole("status").filter({ hasText: "canceled" })).toBeVisible()

  await page.goto("/understudy/echo/playground")
  await main.getByLabel(/^fail/).fill("It broke on purpose.")
  await main.getByRole("button", { name: "Run", exact: true }).click()
  await expect(main).toContainText("It broke on purpose.")
  await expect(main.getByRole("status").filter({ hasText: "failed" })).toBeVisible()
})

test("without scripts a run is posted, and its page shows it", async ({ sharedInstance, openPage, noise }) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin, javaScriptEnabled: false })
  const main = page.getByRole("main")
  await page.goto("/signup?next=/understudy/echo/playground")
  await credentials(page).fill(uniqueName("first"), "correct horse battery")
  await credentials(page).createAccount.click()
  await expect(page).toHaveURL(`${origin}/understudy/echo/playground`)
  await main.getByLabel(/^text/).fill("posted")
  await main.getByRole("button", { name: "Run", exact: true }).click()
  await expect(page).toHaveURL(/\/p\/[0-9a-z]{26}$/)
  await expect
    .poll(
      async () => {
        await page.reload()
        return main.textContent()
      },
      { timeout: 60_000 },
    )
    .toContain("succeeded")
  await expect(main.getByRole("region", { name: "Output" })).toContainText("posted")
})

test("without scripts, a form that is sent twice runs once", async ({ sharedInstance, openPage, noise }) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const { origin } = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin, javaScriptEnabled: false })
  await signUp(page, "/understudy/echo/playground")
  const send = async (html: string) => {
    const answer = await page.request.post("/understudy/echo/playground", {
      headers: { origin },
      multipart: { ...hiddenValuesOf(html, "Run"), "input.text": "sent twice" },
      maxRedirects: 0,
    })
    expect(answer.status()).toBe(303)
    return answer.headers().location!
  }
  const opened = await page.content()
  const [first, again] = await Promise.all([send(opened), send(opened)])
  expect(first).toMatch(/\/p\/[0-9a-z]{26}$/)
  expect(again).toBe(first)
  expect(await send(await (await page.request.get("/understudy/echo/playground")).text())).not.toBe(first)
})
