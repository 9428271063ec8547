import type { APIRequestContext } from "@playwright/test"

import { temporaryFolder } from "../scripts/temporary-folder.mjs"
import { Account } from "./account"
import { expect, test, uniqueName } from "./fixtures"
import { ownServer } from "./own-server"
import { hiddenValuesOf, postForm } from "./plain-form"

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

test.describe("a signed-in viewer's page, on a server where nobody writes meanwhile,", () => {
  test.describe.configure({ mode: "default" })
  let server: Awaited<ReturnType<typeof ownServer>>
  test.beforeAll(async () => void (server = await ownServer(temporaryFolder("page-cache"))))
  test.afterAll(() => server?.stop())

  /** Opens a page often enough that it is cached; returns its HTML. */
  async function see(request: APIRequestContext, path: string): Promise<string> {
    const answers = [await request.get(path), await request.get(path), await request.get(path)]
    for (const answer of answers) {
      expect(answer.status(), path).toBe(200)
      // Only complete pages have a length; without the cache, Next streams them.
      expect(answer.headers()["content-length"], path).toBeDefined()
      expect(answer.headers()["cache-control"], path).toMatch(/private.*no-store/)
    }
    return answers[2]!.text()
  }

  test("is gone with the membership, and with the session", async ({ playwright }) => {
    const { origin } = server
    const [alice, bob] = [
      await Account.open(playwright.request, origin, "alice"),
      await Account.open(playwright.request, origin, "bob"),
    ]
    const accepted = async (posted: ReturnType<typeof postForm>) => {
      const answer = await posted
      expect(answer.status(), await answer.text()).toBeLessThan(400)
    }
    await accepted(postForm(alice.request, "/organizations/create", "Create organization", { username: "acme" }))
    await accepted(
      postForm(alice.request, "/organizations/acme/members", "Invite", { username: "bob", role: "viewer" }),
    )
    await accepted(postForm(bob.request, "/organizations", "Join acme", { answer: "accept" }))
    const model = { owner: "acme", name: "secret", visibility: "private", hardware: "cpu", description: "not for all" }
    await accepted(postForm(alice.request, "/create", "Create model", model))

    for (const { request } of [alice, bob]) expect(await see(request, "/acme/secret")).toContain("not for all")
    expect(await see(bob.request, "/acme")).toContain("secret")
    await accepted(postForm(alice.request, "/organizations/acme/members", "Remove bob", {}))
    const refused = await bob.request.get("/acme/secret")
    expect(refused.status()).toBe(404)
    expect(await refused.text()).not.toContain("not for all")
    expect(await (await bob.request.get("/acme")).text()).not.toContain("secret")
    expect(await see(alice.request, "/acme/secret")).toContain("not for all")

    // A copy of the cookies, because the browser drops them when signing out.
    const { cookies } = await alice.request.storageState()
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ")
    const copy = await playwright.request.newContext({ baseURL: origin, extraHTTPHeaders: { cookie } })
    for (const path of ["/create", "/acme/secret"]) await see(copy, path)
    await accepted(postForm(alice.request, "/pricing", "Sign out", {}))
    expect((await copy.get("/create", { maxRedirects: 0 })).status()).toBe(307)
    expect((await copy.get("/acme/secret")).status()).toBe(404)
    for (const request of [copy, alice.request, bob.request]) await request.dispose()
  })

  test("is for this viewer alone, however many ask at the same time", async ({ playwright }) => {
    const { origin } = server
    const people = await Promise.all(
      ["first-one", "second-one", "third-one"].map((name) => Account.open(playwright.request, origin, name)),
    )
    await people[0]!.createModel({ name: "shared", visibility: "public" })
    for (const path of ["/create", "/explore", "/first-one", "/first-one/shared"]) {
      await Promise.all(people.map(({ request }) => see(request, path)))
      for (const { username, request } of people) {
        const header = /<header.*?<\/header>/s.exec(await see(request, path))![0]
        expect(header).toContain(username)
        for (const other of people) if (other.username !== username) expect(header).not.toContain(other.username)
      }
    }
    for (const { request } of people) await request.dispose()
  })

  test("shows no secret a second time, and its form has another key each time", async ({ playwright }) => {
    const { origin } = server
    const carol = await Account.open(playwright.request, origin, "carol")
    const secret = await carol.token()
    const name = await carol.createModel({ visibility: "private" })
    for (let times = 0; times < 2; times++)
      expect(await (await carol.request.get("/account/api-tokens")).text()).not.toContain(secret)
    const created = await postForm(carol.request, `/carol/${name}`, "Create token", {})
    const pushToken = /\bus_\w{20,}/.exec(await created.text())![0]
    expect(await see(carol.request, `/carol/${name}`)).not.toContain(pushToken)

    const keys = [await see(carol.request, "/create"), await see(carol.request, "/create")].map(
      (html) => hiddenValuesOf(html, "Create model").form_key,
    )
    expect(keys[0]).toMatch(/^[\w-]{22}$/)
    expect(keys[1]).not.toBe(keys[0])
    await carol.request.dispose()
  })
})
