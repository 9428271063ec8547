import { expect, test, uniqueName } from "./fixtures"

test("a team: an organization made on the way to a model, a member invited, let in, and put out again", async ({
  page,
  alice,
  bob,
  openPage,
  baseURL,
}) => {
  const organization = uniqueName("org")
  await page.goto("/create")
  await page.getByLabel("Name", { exact: true }).fill("hotdog-detector")
  await page.getByRole("link", { name: "New organization…" }).click()
  const dialog = page.getByRole("dialog", { name: "New organization" })
  await dialog.getByLabel("Name", { exact: true }).fill(organization.replace("-", " ").toUpperCase())
  await expect(dialog.getByLabel("Name", { exact: true })).toHaveValue(organization)
  await dialog.getByRole("button", { name: "Create organization" }).click()

  // The organization is selected in the form, and nothing is lost.
  await expect(dialog).toBeHidden()
  await expect(page.getByLabel("Owner", { exact: true })).toHaveValue(organization)
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("hotdog-detector")
  await page.getByRole("button", { name: "Create model" }).click()
  await page.waitForURL(`**/${organization}/hotdog-detector*`)

  // Its tokens belong to the organization and sign in to it.
  const login = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Log in" }) })
  await expect(login).toContainText(`As the organization ${organization}, not as yourself`)
  await expect(login).toContainText("It can push and pull hotdog-detector and do nothing else.")
  await login.getByRole("button", { name: "Create token" }).click()
  await expect(login.getByText(`Token of ${organization} for this model`)).toBeVisible()
  await expect(login.getByRole("region", { name: "Sign in with this token" })).toContainText(`-u ${organization} `)
  await page.goto(`/${organization}/hotdog-detector/api`)
  await expect(page.getByRole("region", { name: "Create a model like this with cURL" })).toContainText(
    `"owner": "${organization}"`,
  )

  await page.goto(`/organizations/${organization}/members`)
  await page.getByLabel("Username").fill("nobody-of-that-name")
  await page.getByRole("button", { name: "Invite", exact: true }).click()
  await expect(page.getByText("There is no user named nobody-of-that-name.")).toBeVisible()
  await expect(page.getByLabel("Username")).toBeFocused()
  await page.getByLabel("Username").fill(bob.username)
  await page.getByRole("button", { name: "Invite", exact: true }).click()
  await expect(page.getByText(`${bob.username} was invited`)).toBeVisible()

  const bobs = await openPage({ as: bob })
  await bobs.goto("/organizations")
  await bobs.getByRole("button", { name: `Join ${organization}` }).click()
  await expect(bobs.getByText(`You are now a member of ${organization}`)).toBeVisible()
  expect((await bobs.goto(`/${organization}/hotdog-detector`))!.status()).toBe(200)

  // He receives events until he is removed, and none after that.
  const { cookies } = await bob.request.storageState()
  const stream = await fetch(`${baseURL}/api/web/pushes/${organization}/hotdog-detector`, {
    headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") },
  })
  expect(stream.status).toBe(200)
  const told = stream.text()

  await page.goto(`/organizations/${organization}/members`)
  await page.getByText("Remove…").click()
  await page.getByRole("button", { name: `Remove ${bob.username}` }).click()
  await expect(page.getByText(`${bob.username} is no longer a member.`)).toBeVisible()
  expect((await bob.request.get(`/${organization}/hotdog-detector`)).status()).toBe(404)
  expect((await bob.request.get(`/organizations/${organization}/members`)).status()).toBe(404)

  expect(await told).toMatch(/^data: /)

  await page.goto(`/organizations/${organization}/events`)
  await expect(page.getByRole("row", { name: new RegExp(`${alice.username} removed ${bob.username}`) })).toBeVisible()
})

test("the last owner cannot leave", async ({ page, alice }) => {
  const organization = uniqueName("org")
  await page.goto("/organizations/create")
  await page.getByLabel("Name", { exact: true }).fill(organization)
  await page.getByRole("button", { name: "Create organization" }).click()
  await page.waitForURL(`**/organizations/${organization}/members`)
  await page.getByText("Leave…").click()
  await page.getByRole("button", { name: `Leave ${organization}` }).click()
  await expect(page.getByText(`${organization} needs an owner.`)).toBeVisible()
  expect((await alice.request.get(`/organizations/${organization}/members`)).status()).toBe(200)
})

test("a new password signs every other browser out, and this one stays", async ({ page, alice, openPage }) => {
  const other = await openPage()
  await other.goto("/signin")
  await other.getByLabel("Username").fill(alice.username)
  await other.getByLabel("Password").fill(alice.password)
  await other.getByRole("button", { name: "Sign in", exact: true }).click()
  await other.waitForURL("**/")

  await page.goto("/account/security")
  await expect(page.locator("input[type=password]:visible")).toHaveCount(0)
  await page.getByText("Change password…").click()
  await page.getByLabel("Current password").fill("not the password")
  await page.getByLabel("New password").fill("another long password")
  await page.getByRole("button", { name: "Change password" }).click()
  await expect(page.getByText("The password is wrong.")).toBeVisible()
  await page.getByLabel("Current password").fill(alice.password)
  await page.getByRole("button", { name: "Change password" }).click()
  await expect(page.getByText("All other browsers were signed out.", { exact: false }).first()).toBeVisible()
  await other.goto("/account/security")
  expect(new URL(other.url()).pathname).toBe("/signin")
})
