import { makeAdministrator } from "./administrator"
import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, uniqueName, type Page } from "./fixtures"

test.skip(!process.env.E2E_DATA_DIR, "needs the server's data folder, to make somebody an administrator")

const models = (page: Page) => page.getByRole("main").getByRole("listitem").getByRole("link")

test("an administrator makes a collection, fills it, orders it, changes it and deletes it", async ({
  page,
  alice,
  bob,
  openPage,
}) => {
  makeAdministrator(alice)
  const [one, two, hidden] = [
    await bob.createModel(),
    await bob.createModel(),
    await bob.createModel({ visibility: "private" }),
  ]
  const name = uniqueName("Sounds & noises")
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, "-")
  await page.goto("/collections")
  await page.getByRole("link", { name: "New collection" }).first().click()
  await page.getByLabel("Name").fill(name)
  await expect(page.getByLabel("Slug")).toHaveValue(slug)
  await page.getByLabel("Description", { exact: true }).fill("For the ears.")
  await expectAccessible(page)
  await page.getByRole("button", { name: "Create collection" }).click()
  await expect(page).toHaveURL(new RegExp(`/collections/${slug}/edit`))

  const add = page.getByLabel("Add a model")
  for (const model of [one, two]) {
    await add.fill(`${bob.username}/${model}`)
    await page.getByRole("button", { name: "Add", exact: true }).click()
    await expect(page.getByText(`Added ${bob.username}/${model}.`)).toBeVisible()
  }
  for (const missing of [hidden, "never-was"]) {
    await add.fill(`${bob.username}/${missing}`)
    await page.getByRole("button", { name: "Add", exact: true }).click()
    await expect(add).toHaveAccessibleDescription(new RegExp(`There is no public model ${bob.username}/${missing}\\.`))
  }
  await expect(models(page)).toHaveText([one, two].map((model) => `${bob.username}/${model}`))
  await page.getByRole("button", { name: `Move ${bob.username}/${two} up` }).click()
  await expect(models(page)).toHaveText([two, one].map((model) => `${bob.username}/${model}`))
  await expectAccessible(page)

  const visitor = await openPage()
  await visitor.goto("/collections")
  await visitor.getByRole("link", { name }).click()
  await expect(visitor.getByRole("heading", { level: 3 })).toHaveText(
    [two, one].map((model) => `${bob.username}/${model}`),
  )
  await expect(visitor.getByText("For the ears.")).toBeVisible()
  await expect(visitor.getByRole("link", { name: "Edit" })).toBeHidden()
  await expectAccessible(visitor)
  await expectNoSidewaysScroll(visitor)

  await page.getByRole("button", { name: `Remove ${bob.username}/${one}` }).click()
  await expect(models(page)).toHaveText([`${bob.username}/${two}`])
  await page.getByLabel("Full description").fill("Start with the *first*.<script>alert(1)</script>")
  await page.getByRole("button", { name: "Save" }).click()
  await expect(page.getByText("Saved.")).toBeVisible()
  await visitor.reload()
  await expect(visitor.getByText("Start with the first.")).toBeVisible()
  await expect(visitor.getByRole("emphasis")).toHaveText("first")

  await page.getByText("Delete this collection").click()
  await page.getByRole("button", { name: `Delete ${name}` }).click()
  await expect(page.getByText("Collection deleted.")).toBeVisible()
})

test("a taken slug is refused beside its field, with everything that was typed", async ({ page, alice }) => {
  makeAdministrator(alice)
  const slug = uniqueName("taken")
  for (const name of ["First", "Second"]) {
    await page.goto("/collections/new")
    await page.getByLabel("Name").fill(name)
    await page.getByLabel("Slug").fill(slug)
    await page.getByRole("button", { name: "Create collection" }).click()
    if (name === "First") await expect(page).toHaveURL(/edit/)
  }
  await expect(page.getByLabel("Slug")).toHaveAccessibleDescription(/This slug is taken/)
  await expect(page.getByLabel("Name")).toHaveValue("Second")
})

test("to everybody else the pages for curating are not there, and their forms do nothing", async ({
  page,
  alice,
  bob,
  noise,
  openPage,
}) => {
  noise.allowMissingPage()
  makeAdministrator(bob)
  const curator = await openPage({ as: bob })
  const slug = uniqueName("kept")
  await curator.goto("/collections/new")
  await curator.getByLabel("Name").fill("Kept")
  await curator.getByLabel("Slug").fill(slug)
  await curator.getByRole("button", { name: "Create collection" }).click()
  await expect(curator).toHaveURL(/edit/)

  expect(alice.username).toBeTruthy()
  for (const someone of [page, await openPage()])
    for (const address of [
      "/collections/new",
      `/collections/${slug}/edit`,
      "/collections/never-was/edit",
      "/collections/never-was",
    ]) {
      expect((await someone.goto(address))!.status(), address).toBe(404)
      await expect(someone.getByText("Page not found")).toBeVisible()
    }
  await page.goto("/collections")
  await expect(page.getByRole("link", { name: "New collection" })).toBeHidden()
})

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false })
  test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\.js csp$/))

  test("a collection is made, filled and ordered", async ({ page, alice }) => {
    makeAdministrator(alice)
    const [one, two] = [await alice.createModel(), await alice.createModel()]
    const slug = uniqueName("plain")
    await page.goto("/collections/new")
    await page.getByLabel("Name").fill("Plain")
    await page.getByLabel("Slug").fill(slug)
    await page.getByRole("button", { name: "Create collection" }).click()
    for (const model of [one, two]) {
      await page.getByLabel("Add a model").fill(`${alice.username}/${model}`)
      await page.getByRole("button", { name: "Add", exact: true }).click()
    }
    await page.getByRole("button", { name: `Move ${alice.username}/${two} up` }).click()
    await expect(models(page)).toHaveText([two, one].map((model) => `${alice.username}/${model}`))
  })
})
