import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { signUp } from "./echo"
import { expect, test, type Page } from "./fixtures"

test.describe.configure({ timeout: 240_000 })

const main = (page: Page) => page.getByRole("main")
const button = (page: Page, name: string) => main(page).getByRole("button", { name, exact: true })

/** A token of the account, from the page that creates it. */
async function token(page: Page): Promise<string> {
  await page.goto("/account/api-tokens")
  await main(page).getByLabel("Name").fill("test")
  await button(page, "Create token").click()
  return (await main(page).getByRole("region", { name: "Created token" }).textContent())!.trim()
}

test("a version is deployed, called, changed, rolled back, disabled and enabled", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/status of 404/)
  const server = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: server.origin })
  const first = await signUp(page, "/deployments")
  await expect(main(page)).toContainText("No deployments yet")
  await expectAccessible(page)

  // From the page of a model, which deploys its latest version.
  await page.goto("/understudy/echo")
  await main(page).getByRole("link", { name: "Deploy", exact: true }).click()
  await page.waitForURL(/\/deployments\/create\?/)
  await expect(main(page).getByRole("textbox", { name: "Model" })).toHaveValue("understudy/echo")
  await expect(main(page).getByRole("textbox", { name: "Version" })).toHaveValue("latest")

  // From the page of a version, with model and version filled in.
  await page.goto("/understudy/echo/versions")
  await main(page)
    .getByRole("link", { name: /^[0-9a-f]{12}/ })
    .first()
    .click()
  await main(page).getByRole("link", { name: "Deploy", exact: true }).click()
  await expect(main(page).getByRole("textbox", { name: "Model" })).toHaveValue("understudy/echo")
  await expect(main(page).getByRole("textbox", { name: "Version" })).toHaveValue(/^[0-9a-f]{64}$/)
  await expectAccessible(page)

  // Errors are shown next to their fields, and nothing is lost.
  await main(page).getByLabel("Minimum instances").fill("4")
  await main(page).getByLabel("Maximum instances").fill("2")
  await main(page).getByLabel("Name").fill("My greeter")
  await expect(main(page).getByLabel("Name")).toHaveValue("my-greeter")
  await expect(main(page)).toContainText(`Available. Your code calls ${first}/my-greeter`)
  await button(page, "Create deployment").click()
  await expect(main(page).getByText("The maximum cannot be less than the minimum.").first()).toBeVisible()
  await expect(main(page).getByLabel("Minimum instances")).toHaveValue("4")
  await main(page).getByLabel("Minimum instances").fill("1")
  await expect(main(page).getByRole("region", { name: "Cost" })).toContainText("At least")
  await button(page, "Create deployment").click()
  await page.waitForURL(`/deployments/${first}/my-greeter?created=1`)
  await expect(main(page)).toContainText("Deployment created.")
  await expect(main(page).getByRole("table").first()).toContainText("idle", { timeout: 60_000 })
  // Prometheus sees it, too.
  const metrics = await page.request.get(`${server.origin}/metrics`)
  expect(await metrics.text()).toMatch(
    new RegExp(`^understudy_deployment_instances\\{deployment="${first}/my-greeter",state="idle"\\} 1$`, "m"),
  )
  // In four languages, with the inputs that the version requires.
  const code = main(page).getByRole("region", { name: "Call it" })
  await expect(code.getByRole("tab")).toHaveText(["Node.js", "Python", "HTTP", "CLI"])
  await expect(code.getByRole("tabpanel").first()).toContainText(
    `deployments.predictions.create("${first}", "my-greeter"`,
  )
  await expect(code.getByRole("tabpanel").first()).toContainText("const input = {")
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 800 })

  // Called as shown on its page.
  const secret = await token(page)
  const answer = await page.request.post(`${server.origin}/v1/deployments/${first}/my-greeter/predictions`, {
    headers: { authorization: `Bearer ${secret}`, prefer: "wait" },
    data: { input: { text: "hello there" } },
  })
  expect(await answer.json()).toMatchObject({ status: "succeeded", deployment: `${first}/my-greeter` })
  await page.goto(`/deployments/${first}/my-greeter?range=2h`)
  await expect(main(page).getByRole("region", { name: /^Latest predictions of/ })).toContainText("succeeded")
  await expect(main(page).getByRole("region", { name: "Metrics" })).toContainText("Latency, p95")

  // A release with other instance numbers, then a rollback.
  await page.goto(`/deployments/${first}/my-greeter/settings`)
  await expectAccessible(page)
  await main(page).getByLabel("Maximum instances").fill("5")
  await button(page, "Create release").click()
  await page.waitForURL(/released=2$/)
  await page.goto(`/deployments/${first}/my-greeter/releases`)
  await expect(main(page).getByRole("listitem").filter({ hasText: "Release 2" })).toContainText("serving")
  await expectAccessible(page)
  await main(page).getByRole("link", { name: "Compare with release 1" }).click()
  const compared = main(page).getByRole("region", { name: "Release 1 and release 2", exact: true })
  await expect(compared.getByRole("row", { name: /^Maximum instances changed/ }).getByRole("cell")).toHaveText([
    "2",
    "5",
  ])
  await expect(compared.getByRole("row", { name: /^Hardware/ })).not.toContainText("changed")
  await expect(compared).toContainText("both have the same inputs and outputs")
  await expectAccessible(page)
  await compared.getByRole("link", { name: "Swap" }).click()
  await expect(main(page).getByRole("region", { name: "Release 2 and release 1", exact: true })).toBeVisible()
  await page.goto(`/deployments/${first}/my-greeter/releases?from=1&to=7`)
  await expect(main(page)).toContainText("There are no releases 1 and 7")
  await button(page, "Roll back to release 1").click()
  await page.waitForURL(/released=3$/)
  await expect(main(page)).toContainText("1 to 2")

  // Limits are saved in place.
  await page.goto(`/deployments/${first}/my-greeter/settings`)
  await main(page).getByLabel("Monthly limit").fill("a lot")
  await button(page, "Save limits").click()
  await expect(main(page).getByText("Enter an amount in US dollars")).toBeVisible()
  await main(page).getByLabel("Monthly limit").fill("12.50")
  await button(page, "Save limits").click()
  await expect(main(page).getByText("Saved.")).toBeVisible()

  // Alerts and the schedule, too.
  await main(page).getByLabel("Alert webhook URL").fill("nowhere")
  await button(page, "Save alerts").click()
  await expect(main(page).getByText("Enter an address that starts with https://")).toBeVisible()
  await main(page).getByLabel("Alert webhook URL").fill("https://alerts.example.com/room")
  await main(page).getByLabel("Queue longer than").fill("50")
  await button(page, "Save alerts").click()
  await expect(main(page).getByText("Saved.").last()).toBeVisible()
  const schedule = main(page).getByRole("region", { name: "Schedule" }).first()
  await schedule.getByLabel("Time zone").fill("Europe/Nowhere")
  await button(page, "Add to schedule").click()
  await expect(schedule).toContainText("Enter a time zone such as Europe/Berlin.")
  await schedule.getByLabel("Time zone").fill("Europe/Berlin")
  await schedule.getByRole("checkbox", { name: "Fri" }).uncheck()
  await button(page, "Add to schedule").click()
  await expect(schedule).toContainText("Mon to Thu, 08:00 to 18:00 (Europe/Berlin)")
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await button(page, "Remove Mon to Thu, 08:00 to 18:00 (Europe/Berlin)").click()
  await expect(schedule).not.toContainText("Mon to Thu")

  // The name of another one is checked while it is typed.
  await page.goto("/deployments/create")
  await main(page).getByLabel("Name").fill("my-greeter")
  await expect(main(page)).toContainText(`Taken. See ${first}/my-greeter.`)
  await button(page, "my-greeter-2").click()
  await expect(main(page).getByLabel("Name")).toHaveValue("my-greeter-2")
  await expect(main(page)).toContainText(`Available. Your code calls ${first}/my-greeter-2`)
  await expectAccessible(page)

  // Disabled, it rejects predictions; enabled, it runs them.
  await page.goto(`/deployments/${first}/my-greeter/settings`)
  await button(page, "Disable deployment").click()
  await page.waitForURL(/disabled=1$/)
  await expect(main(page)).toContainText("rejects predictions")
  await page.goto(`/deployments/${first}/my-greeter/settings`)
  await expect(main(page).getByRole("region", { name: "Delete" })).toContainText(/running instances|last 15 minutes/)
  await button(page, "Enable deployment").click()
  await page.waitForURL(/enabled=1$/)
  await page.goto("/deployments")
  await expect(main(page).getByRole("table")).toContainText("release 3")
  await expectAccessible(page)

  // Others cannot see it.
  const other = await openPage({ baseURL: server.origin })
  expect((await other.goto(`/deployments/${first}/my-greeter`))!.url()).toContain("/signin")
})

test("without scripts a deployment is created, changed and disabled", async ({ sharedInstance, openPage }) => {
  const server = await sharedInstance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: server.origin, javaScriptEnabled: false })
  const first = await signUp(page, "/deployments/create")
  await main(page).getByLabel("Name").fill("plain")
  await main(page).getByRole("textbox", { name: "Model" }).fill("understudy/echo")
  await main(page).getByLabel("Maximum instances").fill("many")
  await button(page, "Create deployment").click()
  await expect(main(page).getByText("The maximum is a whole number from 0 to 20.").first()).toBeVisible()
  await expect(main(page).getByLabel("Name")).toHaveValue("plain")
  await main(page).getByLabel("Maximum instances").fill("1")
  await button(page, "Create deployment").click()
  await page.waitForURL(`/deployments/${first}/plain?created=1`)
  await page.goto(`/deployments/${first}/plain/settings`)
  await main(page).getByLabel("Time zone").fill("")
  await button(page, "Add to schedule").click()
  await expect(main(page)).toContainText("Enter a time zone such as Europe/Berlin.")
  await main(page).getByLabel("Time zone").fill("UTC")
  await main(page).getByRole("checkbox", { name: "Mon" }).uncheck()
  await button(page, "Add to schedule").click()
  await expect(main(page)).toContainText("Tue to Fri, 08:00 to 18:00 (UTC)")
  await button(page, "Remove Tue to Fri, 08:00 to 18:00 (UTC)").click()
  await expect(main(page)).not.toContainText("Tue to Fri")
  await main(page).getByLabel("Alert webhook URL").fill("https://alerts.example.com/room")
  await main(page).getByLabel("Failed predictions").fill("200")
  await button(page, "Save alerts").click()
  await expect(main(page)).toContainText("The share is a whole number from 1 to 100.")
  await expect(main(page).getByLabel("Alert webhook URL")).toHaveValue("https://alerts.example.com/room")
  await main(page).getByLabel("Failed predictions").fill("20")
  await button(page, "Save alerts").click()
  await page.goto(`/deployments/${first}/plain/settings`)
  await expect(main(page).getByLabel("Failed predictions")).toHaveValue("20")
  await button(page, "Disable deployment").click()
  await page.waitForURL(/disabled=1$/)
})
