import { expectAccessible } from "./axe"
import { expect, test, type Account, type Page } from "./fixtures"
import { credentials } from "./forms"
import { hiddenValuesOf } from "./plain-form"

// A form open in two tabs: the second to save gets a warning, loses nothing, and decides.

const refused = /changed after you opened it.*still here/
const main = (page: Page) => page.getByRole("main")
const settingsOf = (alice: Account, name: string) => `/${alice.username}/${name}/settings`
const readmeOf = async (alice: Account, name: string) =>
  (
    await alice.request.get(`/v1/models/${alice.username}/${name}/readme`, {
      headers: { authorization: `Bearer ${await alice.token()}` },
    })
  ).text()

test("a README: the second save is refused, shows what stands there, and the next one replaces it", async ({
  page,
  alice,
  openPage,
}) => {
  const name = await alice.createModel({ visibility: "private" })
  const other = await openPage({ as: alice })
  for (const tab of [page, other]) await tab.goto(settingsOf(alice, name))
  const text = (tab: Page) => main(tab).getByLabel("Text", { exact: true })
  const save = (tab: Page) => main(tab).getByRole("button", { name: "Save README" }).click()

  await text(page).fill("From the first tab")
  await save(page)
  await expect(main(page).getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
  await text(other).fill("From the second tab")
  await save(other)
  const notice = main(other).getByRole("alert").filter({ hasText: refused })
  await expect(notice).toBeVisible()
  await expect(text(other)).toHaveValue("From the second tab")
  await notice.getByText("Currently saved", { exact: true }).click()
  await expect(notice).toContainText("From the first tab")
  await expectAccessible(other)
  expect(await readmeOf(alice, name)).toBe("From the first tab")

  await save(other)
  await expect(main(other).getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
  expect(await readmeOf(alice, name)).toBe("From the second tab")

  // The first tab has saved before and opened a preview, and still gets the warning.
  await text(page).fill("From the first tab again")
  await main(page).getByRole("tab", { name: "Preview" }).click()
  await expect(main(page).getByRole("tabpanel", { name: "Preview" })).toContainText("From the first tab again")
  await main(page).getByRole("tab", { name: "Write" }).click()
  await save(page)
  await expect(main(page).getByRole("alert").filter({ hasText: refused })).toBeVisible()
  expect(await readmeOf(alice, name)).toBe("From the second tab")
})

test("a README half written survives a reload and a side trip, and what was saved meanwhile is still told", async ({
  page,
  alice,
  openPage,
}) => {
  const name = await alice.createModel({ visibility: "private" })
  const text = (tab: Page) => main(tab).getByLabel("Text", { exact: true })
  const save = (tab: Page) => main(tab).getByRole("button", { name: "Save README" }).click()
  await page.goto(settingsOf(alice, name))
  await text(page).fill("Half written")
  await page.reload()
  await expect(text(page)).toHaveValue("Half written")
  await page.goto("/pricing")

  const other = await openPage({ as: alice })
  await other.goto(settingsOf(alice, name))
  await expect(text(other)).toHaveValue("")
  await text(other).fill("From another tab")
  await save(other)
  await expect(main(other).getByRole("status").filter({ hasText: "Saved." })).toBeVisible()

  await page.goto(settingsOf(alice, name))
  await expect(text(page)).toHaveValue("Half written")
  await save(page)
  await expect(main(page).getByRole("alert").filter({ hasText: refused })).toBeVisible()
  expect(await readmeOf(alice, name)).toBe("From another tab")
  await save(page)
  await expect(main(page).getByRole("status").filter({ hasText: "Saved." })).toBeVisible()
  expect(await readmeOf(alice, name)).toBe("Half written")
  await page.reload()
  await expect(text(page)).toHaveValue("Half written")
  await expect(main(page).getByText("Your draft was restored.")).toHaveCount(0)

  await text(page).fill("Thought better of it")
  await page.reload()
  await main(page).getByRole("button", { name: "Discard draft" }).click()
  await expect(text(page)).toHaveValue("Half written")
  await page.reload()
  await expect(text(page)).toHaveValue("Half written")
})

test("details: what came over the API counts too, another section does not", async ({ page, alice }) => {
  const name = await alice.createModel({ visibility: "private", description: "At first" })
  const change = async (data: object) =>
    expect(
      (
        await alice.request.patch(`/v1/models/${alice.username}/${name}`, {
          headers: { authorization: `Bearer ${await alice.token()}` },
          data,
        })
      ).status(),
    ).toBe(200)
  await page.goto(settingsOf(alice, name))
  const description = main(page).getByLabel("Description", { exact: true })
  const save = main(page).getByRole("button", { name: "Save details" })
  await change({ readme: "Not a detail" })
  await description.fill("Typed")
  await save.click()
  await expect(main(page).getByRole("status").filter({ hasText: "Saved." })).toBeVisible()

  await change({ description: "With the API", paper_url: "https://example.com/paper" })
  await description.fill("Typed again")
  await save.click()
  const notice = main(page).getByRole("alert").filter({ hasText: refused })
  await notice.getByText("Currently saved", { exact: true }).click()
  await expect(notice).toContainText("With the API")
  await expect(notice).toContainText("https://example.com/paper")
  await expect(description).toHaveValue("Typed again")
})

test("without scripts a README is refused too, and keeps what was typed", async ({ alice, openPage, noise }) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const name = await alice.createModel({ visibility: "private" })
  const [first, second] = [
    await openPage({ as: alice, javaScriptEnabled: false }),
    await openPage({ as: alice, javaScriptEnabled: false }),
  ]
  for (const tab of [first, second]) await tab.goto(settingsOf(alice, name))
  for (const [tab, text] of [
    [first, "One"],
    [second, "Two"],
  ] as const) {
    await main(tab).getByLabel("Text", { exact: true }).fill(text)
    await main(tab).getByRole("button", { name: "Save README" }).click()
  }
  await expect(main(second).getByRole("alert").filter({ hasText: refused })).toBeVisible()
  await expect(main(second).getByLabel("Text", { exact: true })).toHaveValue("Two")
  expect(await readmeOf(alice, name)).toBe("One")
  await main(second).getByRole("button", { name: "Save README" }).click()
  await expect.poll(() => readmeOf(alice, name)).toBe("Two")
})

test("a profile", async ({ page, alice, openPage }) => {
  const other = await openPage({ as: alice })
  for (const tab of [page, other]) await tab.goto("/account")
  await main(page).getByLabel("About").fill("Paints fish")
  await main(page).getByRole("button", { name: "Save profile" }).click()
  await expect(main(page).getByText("Profile saved.")).toBeVisible()
  await main(other).getByLabel("Display name").fill("Alice of the fish")
  await main(other).getByRole("button", { name: "Save profile" }).click()
  const notice = main(other).getByRole("alert").filter({ hasText: refused })
  await notice.getByText("Currently saved", { exact: true }).click()
  await expect(notice).toContainText("Paints fish")
  await expect(main(other).getByLabel("Display name")).toHaveValue("Alice of the fish")
})

test("an e-mail address", async ({ page, alice, openPage }) => {
  const other = await openPage({ as: alice })
  for (const tab of [page, other]) await tab.goto("/account")
  const save = async (tab: Page) => {
    await main(tab).getByLabel("Your password").fill(alice.password)
    await main(tab).getByRole("button", { name: "Save email" }).click()
  }
  await main(page).getByLabel("Email").fill("first@example.com")
  await save(page)
  await expect(main(page).getByText("Email saved.")).toBeVisible()
  await main(other).getByLabel("Email").fill("second@example.com")
  await save(other)
  const notice = main(other).getByRole("alert").filter({ hasText: refused })
  await notice.getByText("Currently saved", { exact: true }).click()
  await expect(notice).toContainText("first@example.com")
  await expect(main(other).getByLabel("Email")).toHaveValue("second@example.com")
  await save(other)
  await expect(main(other).getByText("Email saved.")).toBeVisible()
})

test("of many saves at the same moment one passes and all others are told", async ({ alice }) => {
  const name = await alice.createModel({ visibility: "private" })
  const forms: [path: string, button: string, values: (n: number) => Record<string, string>][] = [
    [settingsOf(alice, name), "Save README", (n) => ({ readme: `From tab ${n}` })],
    [
      settingsOf(alice, name),
      "Save details",
      (n) => ({ description: `From tab ${n}`, github_url: "", paper_url: "", license_url: "" }),
    ],
    ["/account", "Save profile", (n) => ({ name: `From tab ${n}`, description: "", avatar_url: "", github_url: "" })],
    ["/account", "Save email", (n) => ({ email: `tab${n}@example.com`, password: alice.password })],
  ]
  for (const [path, button, values] of forms) {
    const page = await alice.request.get(path)
    const { origin } = new URL(page.url())
    const hidden = hiddenValuesOf(await page.text(), button)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        alice.request.post(path, { headers: { origin }, multipart: { ...hidden, ...values(n) } }),
      ),
    )
    const told = await Promise.all(
      answers.map(async (answer) => refused.test((await answer.text()).replaceAll("<!-- -->", ""))),
    )
    expect(
      told.filter((refusal) => !refusal),
      button,
    ).toHaveLength(1)
  }
})

test("the installation's settings, a row of the hardware and a collection", async ({ instance, openPage }) => {
  const { origin } = await instance()
  const page = await openPage({ baseURL: origin })
  await page.goto("/signup")
  await credentials(page).fill("boss", "correct horse battery")
  await credentials(page).createAccount.click()
  await page.waitForURL("**/create")
  await page.goto("/collections/new")
  await main(page).getByLabel("Name", { exact: true }).fill("Picked")
  await main(page)
    .getByRole("button", { name: /Create|Make/ })
    .click()
  await page.waitForURL("**/collections/picked/edit**")

  const other = await page.context().newPage()
  const forms: [
    path: string,
    open: (tab: Page) => Promise<void>,
    field: string,
    save: string,
    said: RegExp,
    values: [string, string],
  ][] = [
    ["/admin/settings", async () => {}, "Models per account", "Save settings", /Settings saved/, ["5", "7"]],
    [
      "/admin/hardware",
      (tab) => main(tab).getByText("CPU (Small)", { exact: true }).click(),
      "Reason",
      "Save CPU (Small)",
      /Saved\./,
      ["Under repair.", "On loan."],
    ],
    ["/collections/picked/edit", async () => {}, "Full description", "Save", /Saved\./, ["Read this.", "Read that."]],
  ]
  for (const [path, open, field, save, said, [mine, theirs]] of forms) {
    const control = (tab: Page) => main(tab).getByLabel(field, { exact: true }).first()
    for (const tab of [page, other]) {
      await tab.goto(path)
      await open(tab)
    }
    await control(page).fill(mine)
    await main(page).getByRole("button", { name: save, exact: true }).click()
    await expect(main(page).getByRole("status").filter({ hasText: said })).toBeVisible()
    await control(other).fill(theirs)
    await main(other).getByRole("button", { name: save, exact: true }).click()
    const notice = main(other).getByRole("alert").filter({ hasText: refused })
    await notice.getByText("Currently saved", { exact: true }).click()
    await expect(notice, path).toContainText(mine)
    await expect(control(other)).toHaveValue(theirs)
  }
})
