import { credentials, expectComplaint } from "./forms"
import { expect, test, uniqueName } from "./fixtures"
import { postForm } from "./plain-form"

test("somebody new signs up and comes to the create page", async ({ page }) => {
  const username = uniqueName("new")
  await page.goto("/")
  await page.getByRole("banner").getByRole("link", { name: "Create account", exact: true }).click()
  await expect(page.getByRole("heading", { name: "Create account" })).toBeVisible()

  const form = credentials(page)
  await form.fill(username, "correct horse battery")
  await form.createAccount.click()

  await expect(page).toHaveURL("/create")
  await page.getByRole("banner").locator("summary", { hasText: "Your account" }).click()
  await expect(page.getByRole("banner").locator("details").getByRole("link", { name: "Your models" })).toHaveAttribute(
    "href",
    `/${username}`,
  )
})

test("who signs up on the way somewhere arrives there", async ({ page }) => {
  await page.goto("/create?name=hotdog")
  await page.getByRole("link", { name: "Create an account" }).click()
  await expect(page.getByRole("heading", { name: "Create account" })).toBeVisible()

  const form = credentials(page)
  await form.fill(uniqueName("new"), "correct horse battery")
  await form.createAccount.click()

  await expect(page).toHaveURL("/create?name=hotdog")
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("hotdog")
})

const refused: { rule: string; username: string; password?: string; field?: "password"; message: RegExp }[] = [
  { rule: "an empty name", username: "", message: /Choose a username\./ },
  { rule: "a name of one letter", username: "a", message: /at least 2 characters/ },
  { rule: "a name of 40 letters", username: "a".repeat(40), message: /at most 39 characters/ },
  { rule: "capitals", username: "Alice", message: /only lowercase letters, numbers and dashes/ },
  { rule: "an underscore", username: "al_ice", message: /only lowercase letters, numbers and dashes/ },
  { rule: "a dash at the end", username: "alice-", message: /Start and end with a letter or a number/ },
  { rule: "a name that one of our pages has", username: "pricing", message: /This name is reserved/ },
  {
    rule: "a short password",
    username: "somebody",
    password: "1234567",
    field: "password",
    message: /at least 8 characters/,
  },
  { rule: "an empty password", username: "somebody", password: "", field: "password", message: /Choose a password\./ },
  {
    rule: "a password that many people have",
    username: "somebody",
    password: "Password123",
    field: "password",
    message: /This is a common password/,
  },
  {
    rule: "little more than the name",
    username: "somebody",
    password: "somebody-1999",
    field: "password",
    message: /too close to your username/,
  },
]

test("sign-up says at the field what is wrong with a name or a password, and keeps the name", async ({ page }) => {
  await page.goto("/signup")
  const form = credentials(page)
  for (const { rule, username, password = "correct horse battery", field = "username", message } of refused)
    await test.step(rule, async () => {
      await form.fill(username, password)
      await form.createAccount.click()

      await expectComplaint(form[field], message)
      await expect(form[field]).toBeFocused()
      await expect(form.username).toHaveValue(username)
      await expect(page).toHaveURL("/signup")
    })
})

test("sign-up refuses a name that is taken, and keeps it to be changed", async ({ page, bob }) => {
  await page.goto("/signup")
  const form = credentials(page)
  await form.fill(bob.username, "another horse battery")
  await form.createAccount.click()

  await expectComplaint(form.username, /This username is taken/)
  await expect(form.username).toBeFocused()
  await expect(form.username).toHaveValue(bob.username)
  await expect(form.password).toHaveValue("")

  const other = uniqueName("new")
  await form.fill(other, "correct horse battery")
  await form.createAccount.click()
  await expect(page).toHaveURL("/create")
})

test("a second click on Create account opens one account and ends signed in", async ({ page }) => {
  await page.goto("/signup")
  const form = credentials(page)
  await form.fill(uniqueName("new"), "correct horse battery")
  await form.createAccount.dblclick()
  await expect(page).toHaveURL("/create")
})

test("a form that is sent twice without scripts opens one account, and the second time signs in", async ({
  playwright,
  baseURL,
}) => {
  const username = uniqueName("new")
  const send = async (password: string) => {
    const request = await playwright.request.newContext({ baseURL })
    const answer = await postForm(request, "/signup", "Create account", { username, password })
    const account = await request.get("/account", { maxRedirects: 0 })
    await request.dispose()
    return [answer.status(), account.status()]
  }
  expect(await send("correct horse battery")).toEqual([303, 200])
  expect(await send("correct horse battery")).toEqual([303, 200])
  const [refused, visitor] = await send("another horse battery")
  expect(refused).toBe(200)
  expect(visitor).toBeGreaterThanOrEqual(300)
})

test("who is signed in has no use for the sign-up page", async ({ page, alice }) => {
  await page.goto("/signup")
  await expect(page).toHaveURL("/create")
  await expect(page.getByLabel("Owner", { exact: true })).toHaveValue(alice.username)
})
