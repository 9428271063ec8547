import { expect, test, uniqueName, type Account } from "./fixtures"

/** Changes a model over REST, which involves neither scripts nor sessions. */
async function change(alice: Account, path: string, method: "PATCH" | "DELETE", data?: object) {
  const headers = { authorization: `Bearer ${await alice.token()}` }
  const answer = await alice.request.fetch(`/v1/models${path}`, { method, headers, ...(data && { data }) })
  expect(answer.ok(), await answer.text()).toBe(true)
}

/** Creates a public model, whose page a visitor then opens. */
async function aSeenModel(
  alice: Account,
  look: (path: string) => Promise<{ status(): number; text(): Promise<string> }>,
) {
  const description = `seen ${uniqueName("description")}`
  const name = await alice.createModel({ visibility: "public", description })
  const path = `/${alice.username}/${name}`
  for (let times = 0; times < 3; times++) expect(await (await look(path)).text()).toContain(description)
  return { name, path, description }
}

test("a page seen a moment ago shows nothing of a model that has become private or is gone", async ({
  alice,
  playwright,
  baseURL,
}) => {
  const visitor = await playwright.request.newContext({ baseURL: baseURL! })
  const look = (path: string) => visitor.get(path)
  for (const end of ["private", "gone"]) {
    const { name, path, description } = await aSeenModel(alice, look)
    for (const list of ["/", "/explore", `/${alice.username}`]) await look(list)
    await change(alice, path, "PATCH", { visibility: "private" })
    if (end === "gone") await change(alice, path, "DELETE")
    const answer = await look(path)
    expect(answer.status(), end).toBe(404)
    expect(await answer.text()).not.toContain(description)
    for (const list of ["/", "/explore", `/${alice.username}`])
      expect(await (await look(list)).text()).not.toContain(name)
  }
  await visitor.dispose()
})

test("a page seen a moment ago shows a new description at once", async ({ alice, playwright, baseURL }) => {
  const visitor = await playwright.request.newContext({ baseURL: baseURL! })
  const { path } = await aSeenModel(alice, (path) => visitor.get(path))
  const description = uniqueName("changed")
  await change(alice, path, "PATCH", { description })
  expect(await (await visitor.get(path)).text()).toContain(description)
  await visitor.dispose()
})

test("scripts of a page that others got before run under the policy of this answer", async ({ openPage, alice }) => {
  const name = await alice.createModel({ visibility: "public" })
  // A violation of the content security policy fails any test (noise.ts).
  for (let times = 0; times < 2; times++) {
    const page = await openPage({ as: undefined })
    await page.goto(`/${alice.username}/${name}`)
    await page.keyboard.press("Control+k")
    await expect(page.getByRole("dialog")).toBeVisible()
  }
})
