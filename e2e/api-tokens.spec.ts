import { expectComplaint } from "./forms"
import { expect, test, type Page } from "./fixtures"

/** The index of a row's cell under a heading; the first column is the row's header. */
async function columnOf(page: Page, heading: string): Promise<number> {
  return (await page.getByRole("columnheader").allInnerTexts()).indexOf(heading) - 1
}

test("a token is shown once, used, seen to be used, and revoked", async ({ page, alice }) => {
  await page.goto("/account/api-tokens")
  const main = page.getByRole("main")
  await expect(main).toContainText("No tokens yet")
  await main.getByLabel("Name", { exact: true }).fill("laptop")
  await main.getByRole("button", { name: "Create token", exact: true }).click()

  const shown = main.getByRole("region", { name: "Created token" })
  await expect(shown).toHaveText(/^us_\w{37}$/)
  const secret = await shown.innerText()
  const row = main.getByRole("row", { name: /laptop/ })
  const lastUsed = row.getByRole("cell").nth(await columnOf(page, "Last used"))
  await expect(lastUsed).toHaveText("Never")
  await expect(row).not.toContainText(secret)
  await expect(main.getByLabel("Name", { exact: true })).toHaveValue("")

  const ask = () => page.request.get("/v1/account", { headers: { authorization: `Bearer ${secret}` } })
  const answer = await ask()
  expect(answer.status()).toBe(200)
  expect(await answer.json()).toMatchObject({ username: alice.username })

  await expect(async () => {
    await page.reload()
    await expect(lastUsed).toHaveText("just now", { timeout: 500 })
  }).toPass()
  await expect(shown).toHaveCount(0)
  expect(await page.content()).not.toContain(secret)
  expect(await page.content()).toContain(secret.slice(-4))

  await main.getByRole("button", { name: "Revoke laptop" }).click()
  await expect(page.getByRole("status").filter({ hasText: "Token revoked." })).toBeVisible()
  await expect(row).toHaveCount(0)
  expect((await ask()).status()).toBe(401)
})

test("the new token is copied as it is", async ({ page, alice, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  await page.goto("/account/api-tokens?new-token-name=from%20a%20link")
  const main = page.getByRole("main")
  await expect(main.getByLabel("Name", { exact: true })).toHaveValue("from a link")
  await main.getByRole("button", { name: "Create token", exact: true }).click()
  const copy = main.getByRole("button", { name: "Copy: Created token" })
  await copy.click()
  await expect(page.getByText("Copied", { exact: true })).toBeAttached()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toBe(await main.getByRole("region", { name: "Created token" }).innerText())
  expect(alice.username).toBeTruthy()

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"))
    document.execCommand = () => false
  })
  await copy.click()
  await expect(copy).toHaveText("Copying failed")
  await expect(main.getByRole("status").filter({ hasText: /^Copying failed$/ })).toBeAttached()
})

test("a token needs a name of at most 100 characters", async ({ page, alice }) => {
  await page.goto("/account/api-tokens")
  const name = page.getByRole("main").getByLabel("Name", { exact: true })
  const create = page.getByRole("button", { name: "Create token", exact: true })
  await create.click()
  await expectComplaint(name, /Enter a name/)
  await expect(name).toBeFocused()
  await name.fill("n".repeat(101))
  await create.click()
  await expectComplaint(name, /at most 100 characters/)
  await expect(page.getByText("No tokens yet")).toBeVisible()
  expect(alice.username).toBeTruthy()
})

test("nobody can revoke somebody else's token", async ({ page, alice, bob }) => {
  const secret = await bob.token()
  await alice.newToken("mine")
  await page.goto("/account/api-tokens")
  const bobs = await (await bob.request.get("/account/api-tokens")).text()
  const id = /name="id" value="(\d+)"/.exec(bobs)![1]!
  await page.locator("input[name=id]").evaluate((input: HTMLInputElement, other) => (input.value = other), id)
  await page.getByRole("button", { name: "Revoke mine" }).click()

  await expect(page.getByRole("status").filter({ hasText: "already revoked" })).toBeVisible()
  expect((await page.request.get("/v1/account", { headers: { authorization: `Bearer ${secret}` } })).status()).toBe(200)
})

test("a visitor signs in first, and comes back", async ({ openPage, bob }) => {
  const page = await openPage()
  await page.goto("/account/api-tokens?new-token-name=ci")
  await page.getByLabel("Username", { exact: true }).fill(bob.username)
  await page.getByLabel("Password", { exact: true }).fill(bob.password)
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page).toHaveURL("/account/api-tokens?new-token-name=ci")
  await expect(page.getByRole("main").getByLabel("Name", { exact: true })).toHaveValue("ci")
})

test("on a phone a token can be revoked without scrolling sideways", async ({ page, alice }) => {
  await alice.newToken("phone")
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto("/account/api-tokens")
  const revoke = page.getByRole("button", { name: "Revoke phone" })
  await expect(revoke).toBeVisible()
  const { x, width } = (await revoke.boundingBox())!
  expect(x).toBeGreaterThan(0)
  expect(x + width).toBeLessThan(360)
})
