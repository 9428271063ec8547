import { expect, test } from "./fixtures"

test("every link on our pages leads somewhere, for a visitor and for somebody signed in", async ({
  alice,
  playwright,
  baseURL,
}) => {
  const name = await alice.createModel()
  const visitor = await playwright.request.newContext({ baseURL })
  const starts = [
    "/",
    "/explore",
    "/pricing",
    "/docs/api",
    "/signin",
    "/signup",
    "/create",
    "/account/api-tokens",
    `/${alice.username}`,
    `/${alice.username}/${name}`,
    `/${alice.username}/${name}/api`,
  ]
  for (const request of [visitor, alice.request]) {
    const found = new Map<string, string>()
    for (const start of starts) {
      const page = await request.get(start)
      expect(page.status(), start).toBe(200)
      // Other tests' models come and go; this test's own and those of the layout stay.
      for (const [, href] of (await page.text()).matchAll(/<a\b[^>]*\bhref="(\/[^"#]*)/g))
        if (!/^\/[\w-]+-[0-9a-f]{10}/.test(href!) || href!.startsWith(`/${alice.username}`))
          found.set(href!.replaceAll("&amp;", "&"), start)
    }
    for (const [href, start] of found)
      expect((await request.get(href)).status(), `${href}, linked from ${start}`).toBe(200)
  }
  await visitor.dispose()
})
