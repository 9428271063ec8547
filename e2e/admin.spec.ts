import { makeAdministrator } from "./administrator"
import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, uniqueName, type Instance, type Page } from "./fixtures"
import { ownServer } from "./own-server"
import { createForm, credentials, expectComplaint } from "./forms"

const password = "correct horse battery"

async function signUp(page: Page, name: string) {
  await page.goto("/signup")
  await credentials(page).fill(name, password)
  await credentials(page).createAccount.click()
  await expect(page).toHaveURL(/\/create$/)
}

/** Signs up as an administrator of a server that has other accounts already, and returns the username. */
async function signUpAdministrator({ data }: Instance, page: Page): Promise<string> {
  const username = uniqueName("boss")
  await signUp(page, username)
  makeAdministrator({ username }, data)
  return username
}

const parts = (page: Page) => {
  const main = page.getByRole("main")
  return {
    main,
    field: (label: string) => main.getByLabel(label, { exact: true }),
    button: (name: string) => main.getByRole("button", { name, exact: true }),
    said: (text: string) => main.getByRole("status").filter({ hasText: text }),
  }
}

test("the administrator adds hardware, changes it and closes it, and everybody sees what it was", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  const { origin } = own
  const page = await openPage({ baseURL: origin })
  await signUpAdministrator(own, page)
  await page.goto("/admin/hardware")
  const { main, field, said } = parts(page)
  const added = main.locator("form", { has: page.getByLabel("SKU", { exact: true }) })
  const add = added.getByRole("button", { name: "Add hardware" })

  await field("SKU").fill("GPU B200")
  await added.getByLabel("Name", { exact: true }).fill("Card B200")
  await add.click()
  await expectComplaint(field("SKU"), /lowercase letters/)
  await expect(field("SKU")).toBeFocused()
  await expect(added.getByLabel("Name", { exact: true })).toHaveValue("Card B200")
  await expectAccessible(page)

  await field("SKU").fill("gpu-b200")
  await added.getByLabel("GPUs", { exact: true }).fill("1")
  await added.getByLabel("GPU RAM, GB", { exact: true }).fill("180")
  await added.getByLabel("$ per second", { exact: true }).fill("0.0021")
  await add.click()
  await expect(said("Hardware added at the end of the list.")).toBeVisible()
  await expect(field("SKU")).toHaveValue("")
  await expectNoSidewaysScroll(page)

  const row = main.getByRole("listitem").filter({ hasText: "gpu-b200" })
  await row.getByText("Card B200").click()
  await row.getByLabel("RAM, GB", { exact: true }).fill("72")
  await row.getByRole("button", { name: "Save Card B200" }).click()
  await expect(row.getByText("Saved.")).toBeVisible()
  await expect(row).toContainText("180 GB GPU RAM, 72 GB RAM")

  await page.goto("/create")
  await expect(createForm(page).hardwareNamed("Card B200")).toBeEnabled()

  await page.goto("/admin/hardware")
  await expect(row.getByText("Available", { exact: true }).first()).toBeVisible()
  await row.getByText("Card B200").click()
  await row.getByLabel("Available").selectOption("No")
  await row.getByLabel("Reason").fill("Sold out.")
  await row.getByRole("button", { name: "Save Card B200" }).click()
  await expect(row.getByText("Saved.")).toBeVisible()
  await expect(row.getByText("Closed. Sold out.")).toBeVisible()
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
  const visitor = await openPage({ baseURL: origin })
  await visitor.goto("/pricing")
  await expect(visitor.getByRole("main")).toContainText("Sold out.")
  await expect(visitor.getByRole("region", { name: "Changes to the hardware catalogue" })).toContainText("Card B200")
  await visitor.goto("/admin/hardware")
  await expect(visitor).toHaveURL(/\/signin/)
})

test("the administrator disables an account, brings it back and hands out a link for a new password", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  const own = await sharedInstance()
  const { origin } = own
  const page = await openPage({ baseURL: origin })
  await signUpAdministrator(own, page)
  const member = await openPage({ baseURL: origin })
  const username = uniqueName("member")
  await signUp(member, username)
  await page.goto(`/admin/users?q=${username}`)
  await parts(page).button(`Disable: ${username}`).click()
  await expect(parts(page).main).toContainText("Disabled")
  await expectAccessible(page)

  noise.allow(/404/)
  await member.goto("/create")
  await expect(member).toHaveURL(/\/signin/)
  await page.goto(`/${username}`)
  await expect(parts(page).main).toContainText("Page not found")

  await page.goto(`/admin/users?q=${username}`)
  await parts(page).button(`Enable: ${username}`).click()
  await parts(page).button(`Create password link for ${username}`).click()
  const link = await parts(page).main.getByText(`${origin}/signin/reset/`).textContent()
  await member.goto(link!)
  await expectAccessible(member)
  await member.getByRole("main").getByLabel("New password", { exact: true }).fill("another horse battery")
  await member
    .getByRole("main")
    .getByRole("button", { name: /password/ })
    .click()
  await expect(member).toHaveURL(/\/signin\?reset=1/)
  await credentials(member).fill(username, "another horse battery")
  await credentials(member).signIn.click()
  await expect(member).not.toHaveURL(/signin/)
  await member.goto("/create")
  await expect(createForm(member).submit).toBeVisible()

  const again = await openPage({ baseURL: origin })
  await again.goto(link!)
  await expect(again.getByRole("main").getByLabel("New password", { exact: true })).toHaveCount(0)
})

test("the administrator closes sign-up, and it holds at once", async ({ instance, openPage }) => {
  const { origin } = await instance()
  const page = await openPage({ baseURL: origin })
  await signUp(page, "boss")
  await page.goto("/admin/settings")
  const { main, field, button, said } = parts(page)
  await field("Models per account").fill("-1")
  await field("Sign-up").selectOption({ value: "closed" })
  await button("Save settings").click()
  await expect(field("Models per account")).toHaveAttribute("aria-invalid", "true")
  await expect(field("Sign-up")).toHaveValue("closed")
  await expectAccessible(page)
  await field("Models per account").fill("1")
  await button("Save settings").click()
  await expect(said("Settings saved")).toBeVisible()

  const visitor = await openPage({ baseURL: origin })
  await visitor.goto("/signup")
  await expect(visitor.getByRole("main")).toContainText("Sign-up is closed")
  await page.goto("/admin/events")
  await expect(main).toContainText("MODELS PER ACCOUNT: 1000 → 1")
  await expectAccessible(page)
})

test("an owner asks for the Internet, the administrator allows it, and everybody sees it", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  const { origin } = own
  const page = await openPage({ baseURL: origin })
  const boss = await signUpAdministrator(own, page)
  await createForm(page).publicly.check()
  await createForm(page).name.fill("hotdog")
  await createForm(page).submit.click()
  await expect(page).toHaveURL(new RegExp(`/${boss}/hotdog`))
  await page.goto(`/${boss}/hotdog/settings`)
  const { main, button } = parts(page)
  await expect(main).toContainText("No network, unless requested here")
  await main.getByText("Change access…").click()
  await main.getByLabel("While it runs, the model may reach").selectOption("The Internet")
  await button("Save access").click()
  await expect(main).toContainText("Requested. It has no network until an administrator allows it.")
  await expectAccessible(page)

  await page.goto("/admin/models")
  await expect(main.getByRole("listitem").filter({ hasText: `${boss}/hotdog` })).toContainText("Requested")
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
  await button(`Allow: ${boss}/hotdog`).click()
  await expect(main.getByRole("listitem").filter({ hasText: `${boss}/hotdog` })).toContainText("Allowed")

  const visitor = await openPage({ baseURL: origin })
  await visitor.goto(`/${boss}/hotdog`)
  await expect(visitor.getByRole("main")).toContainText("Can reach the Internet")
  await page.goto("/admin/events")
  await expect(main).toContainText(`${boss} allowed Internet access for ${boss}/hotdog`)
  await page.goto("/admin/models")
  await button(`Take back: ${boss}/hotdog`).click()
  await expect(main).toContainText("No requests")
})

test("a model that comes with the product is added by one click, and where npm's registry is out of reach the page says what helps", async ({
  instance,
  openPage,
  noise,
}) => {
  test.setTimeout(180_000)
  // An open page prefetches its links, even while the server is stopped.
  noise.allow(/ERR_CONNECTION_REFUSED/)
  const { origin, stop, data } = await instance({ RUN_BUNDLED: "on", npm_config_registry: "http://127.0.0.1:9" })
  const page = await openPage({ baseURL: origin })
  await signUp(page, "boss")
  await page.goto("/admin/models")
  const { main, button } = parts(page)
  await expect(main.getByRole("listitem").filter({ hasText: "echo" })).toContainText("Included")
  await button("Add: upscale").click()
  const row = main.getByRole("listitem").filter({ hasText: "upscale" })
  await expect(row).toContainText("upscale was not added", { timeout: 60_000 })
  await expect(row).toContainText("set npm_config_registry to a mirror")
  await expectAccessible(page)
  await page.goto("about:blank")
  await stop()

  const again = await ownServer(data, { RUN_BUNDLED: "on" }, Number(new URL(origin).port))
  try {
    await page.goto("/admin/models")
    await button("Add: upscale").click()
    await expect(row.getByRole("status")).toBeVisible()
    await expect(row).toContainText("Added", { timeout: 120_000 })
    await row.getByRole("link", { name: "Open: upscale" }).click()
    await expect(page).toHaveURL(/\/understudy\/upscale$/)
    await page.goto("/admin/events")
    await expect(main).toContainText("boss added the model upscale")
  } finally {
    await again.stop()
  }
})
