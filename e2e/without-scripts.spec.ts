import { createForm, credentials, expectComplaint } from "./forms"
import { expect, test, uniqueName } from "./fixtures"
import { hiddenValuesOf, postForm } from "./plain-form"

test.use({ javaScriptEnabled: false })

// With scripts disabled, the browser reports a preloaded script as blocked.
test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\/_next\/static\/chunks\/\S+\.js csp$/))

test("without scripts somebody signs up, creates a model and reads its page", async ({ page }) => {
  const [username, name] = [uniqueName("plain"), uniqueName("model")]
  await page.goto("/signup?next=%2Fcreate")
  await credentials(page).fill(username, "correct horse battery")
  await credentials(page).createAccount.click()

  await expect(page).toHaveURL("/create")
  const form = createForm(page)
  await form.name.fill(name)
  await form.description.fill("Made without scripts")
  await form.publicly.check()
  await form.chooseHardware("Nvidia T4 GPU")
  await form.more.click()
  await form.link("Paper URL").fill("https://example.com/paper")
  await form.submit.click()

  await expect(page).toHaveURL(`/${username}/${name}?created=1`)
  const main = page.getByRole("main")
  await expect(main.getByRole("heading", { level: 1 })).toHaveText(`${username}/${name}`)
  await expect(main).toContainText("Made without scripts")
  await expect(main.getByRole("link", { name: "Paper" })).toHaveAttribute("href", "https://example.com/paper")
  await main.getByRole("link", { name: "API", exact: true }).click()
  for (const language of ["cURL", "CLI", "JavaScript", "Python"])
    await expect(main.getByRole("region", { name: `Read this model with ${language}` })).toBeVisible()
})

test("without scripts a wrong password is told, the name is kept and the password is not", async ({ page, bob }) => {
  await page.goto("/signin?next=%2Fpricing")
  const form = credentials(page)
  await form.fill(bob.username, "not the password")
  await form.signIn.click()

  await expect(page.getByRole("alert")).toContainText("The username or password is wrong.")
  await expect(form.username).toHaveValue(bob.username)
  await expect(form.password).toHaveValue("")
  expect(await page.content()).not.toContain("not the password")

  await form.password.fill(bob.password)
  await form.signIn.click()
  await expect(page).toHaveURL("/pricing")
})

test("without scripts a form that is too large gets a page that says so", async ({ page, bob, noise }) => {
  noise.allow(/status of 413/)
  await page.goto("/signin")
  const form = credentials(page)
  await form.fill(bob.username, "long ".repeat(250_000))
  await form.signIn.click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Form too large")
  await expect(page.getByRole("main")).toContainText(
    "This form is larger than 64 kB, and you are not signed in, so nothing was saved.",
  )
})

test("without scripts a sign-up that is refused comes back with the reason at the field", async ({ page, bob }) => {
  await page.goto("/signup")
  const form = credentials(page)
  await form.fill(bob.username, "another horse battery")
  await form.createAccount.click()
  await expectComplaint(form.username, /This username is taken/)
  await expect(form.username).toHaveValue(bob.username)
  await expect(form.password).toHaveValue("")

  await form.fill("Somebody", "short")
  await form.createAccount.click()
  await expectComplaint(form.username, /only lowercase letters/)
  await expectComplaint(form.password, /at least 8 characters/)

  await form.fill("somebody", "trustno1")
  await form.createAccount.click()
  await expectComplaint(form.password, /This is a common password/)
})

test("without scripts a model that is refused comes back with every value and the reasons at the fields", async ({
  page,
  alice,
}) => {
  await page.goto("/create")
  const form = createForm(page)
  await form.name.fill("Bad Name")
  await form.description.fill("d".repeat(501))
  await form.publicly.check()
  await form.chooseHardware("Nvidia H100 GPU")
  await form.more.click()
  await form.link("License URL").fill("nonsense")
  await form.submit.click()

  await expectComplaint(form.name, /Enter a valid name\./)
  await expectComplaint(form.description, /at most 500 characters/)
  await expect(form.link("License URL")).toBeVisible()
  await expectComplaint(form.link("License URL"), /starts with https/)
  await expect(form.name).toHaveValue("Bad Name")
  await expect(form.link("License URL")).toHaveValue("nonsense")
  await expect(form.publicly).toBeChecked()
  await expect(form.hardwareNamed("Nvidia H100 GPU")).toBeChecked()
  await expect(page.getByRole("main").getByRole("link", { name: /Enter a valid name/ })).toHaveAttribute(
    "href",
    "#name",
  )

  const name = uniqueName("mended")
  await form.name.fill(name)
  await form.description.fill("")
  await form.link("License URL").fill("")
  await form.submit.click()
  await expect(page).toHaveURL(`/${alice.username}/${name}?created=1`)
})

test("without scripts a token is created, shown once and revoked", async ({ page, alice }) => {
  await page.goto("/account/api-tokens")
  await page.getByRole("main").getByLabel("Name", { exact: true }).fill("nightly build")
  await page.getByRole("button", { name: "Create token", exact: true }).click()
  const secret = await page.getByRole("region", { name: "Created token" }).innerText()
  expect(secret).toMatch(/^us_\w{37}$/)
  const ask = () => alice.request.get("/v1/account", { headers: { authorization: `Bearer ${secret}` } })
  expect((await ask()).status()).toBe(200)

  await page.goto("/account/api-tokens")
  expect(await page.content()).not.toContain(secret)
  await page.getByRole("button", { name: "Revoke nightly build" }).click()
  await expect(page.getByRole("status").filter({ hasText: "Token revoked." })).toBeVisible()
  expect((await ask()).status()).toBe(401)
})

test("without scripts a model is found, the menus open, and what needs scripts is not offered", async ({
  page,
  alice,
}) => {
  const name = await alice.createModel()
  await page.goto("/")
  await page.getByRole("banner").getByRole("searchbox", { name: "Search models" }).fill(name)
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(`/explore?q=${name}`)
  await expect(page.getByRole("main").getByRole("link", { name: `${alice.username}/${name}` })).toBeVisible()

  await page.getByRole("banner").locator("summary", { hasText: "Your account" }).click()
  await expect(page.getByRole("banner").locator("details").getByRole("link", { name: "Your models" })).toBeVisible()
  await expect(page.getByRole("group", { name: "Colour theme" })).toHaveCount(0)
  await page.getByRole("button", { name: "Sign out" }).click()
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in", exact: true })).toBeVisible()
})

test("a form that is sent twice creates one of each thing, and shows its secret both times", async ({
  instance,
  playwright,
}) => {
  const { origin } = await instance({ RUN_BUNDLED: "on" })
  const request = await playwright.request.newContext({ baseURL: origin })
  const send = (path: string, multipart: Record<string, string>) =>
    request.post(path, { headers: { origin }, multipart, maxRedirects: 0 })
  const sendTwice = async (path: string, button: string, values: Record<string, string>) => {
    const sent = { ...hiddenValuesOf(await (await request.get(path)).text(), button), ...values }
    return Promise.all([send(path, sent), send(path, sent)])
  }
  // The first account is the administrator, who may create collections.
  const signUp = await postForm(request, "/signup", "Create account", {
    username: "first",
    password: "correct horse battery",
  })
  expect(signUp.status()).toBe(303)
  const model = { owner: "first", name: "twice", visibility: "private", hardware: "cpu" }
  const deployment = { owner: "", name: "twice", model: "understudy/echo", version: "latest", hardware: "cpu-small" }
  for (const [path, button, values] of [
    ["/create", "Create model", model],
    ["/organizations/create", "Create organization", { username: "twice" }],
    ["/collections/new", "Create collection", { name: "Twice", slug: "twice" }],
    ["/deployments/create", "Create deployment", { ...deployment, min_instances: "0", max_instances: "1" }],
  ] as const)
    for (const answer of await sendTwice(path, button, values)) {
      expect(answer.status(), path).toBe(303)
      expect(answer.headers().location, path).toContain("twice")
    }

  const run = await postForm(request, "/understudy/echo/playground", "Run", { "input.text": "again" })
  for (const [path, button, values] of [
    [run.headers().location!, "Run again", {}],
    ["/understudy/echo/batch", "Start", { inputs: '{"text": "twice"}', change: "start" }],
  ] as const) {
    const [first, second] = await sendTwice(path, button, values)
    expect(first!.headers().location, path).toMatch(/^\/(p|batches)\/\w+$/)
    expect(second!.headers().location, path).toBe(first!.headers().location)
  }

  const token = /us_\w{37}/
  for (const [path, button, values, secret] of [
    ["/account/api-tokens", "Create token", { name: "twice", scopes: "read", expires_in_days: "" }, token],
    ["/organizations/twice/tokens", "Create token", { name: "twice", scopes: "read", expires_in_days: "" }, token],
    ["/account/push", "Create token", {}, token],
    ["/first/twice", "Create token", {}, token],
    ["/organizations/twice/members", "Create link", { role: "developer", days: "7" }, /invitations\/[\w-]{32}/],
    // Rotated twice, the secret that receivers have would end at once.
    ["/account/webhooks", "Rotate secret", { step: "rotate" }, /whsec_[\w+/=]+/],
  ] as const) {
    const [first, second] = await Promise.all(
      (await sendTwice(path, button, values)).map(async (answer) => secret.exec(await answer.text())?.[0]),
    )
    expect(first, path).toBeTruthy()
    expect(second, path).toBe(first)
    // The form of a page that was opened since is another one.
    const [third] = await sendTwice(path, path === "/first/twice" ? "Create another token" : button, values)
    expect(secret.exec(await third!.text())?.[0], path).not.toBe(first)
  }

  // The second response leads where the first did, although there is nothing left to accept or to delete.
  expect((await postForm(request, "/first/twice/settings", "Offer transfer", { to: "twice" })).status()).toBe(200)
  for (const [path, button, values, leads] of [
    ["/account/transfers", "Accept", { name: "twice" }, "/twice/twice"],
    ["/twice/twice/settings", "Delete this model", { confirm: "twice" }, "/twice?deleted=1"],
  ] as const)
    for (const answer of await sendTwice(path, button, values)) {
      expect(answer.status(), path).toBe(303)
      expect(answer.headers().location, path).toBe(leads)
    }
  await request.dispose()
})
