import type { APIRequestContext } from "@playwright/test"

import { expect, test, uniqueName, type Account } from "./fixtures"
import { expectIndistinguishable } from "./indistinguishable"

/** How a browser requests a page: as a document, for client-side navigation, and as the prefetch of a link. */
const waysToAsk: Record<string, string>[] = [
  {},
  { RSC: "1" },
  { RSC: "1", "Next-Router-Prefetch": "1", "Next-Router-Segment-Prefetch": "/_tree" },
]

/** A response without the parts that differ between requests, and without the requested name. */
async function answerTo(request: APIRequestContext, path: string, name: string, headers: Record<string, string> = {}) {
  const answer = await request.get(path, { headers, maxRedirects: 0 })
  const nonce = /'nonce-([^']+)'/.exec(answer.headers()["content-security-policy"]!)![1]!
  const text = (await answer.text())
    .replaceAll(nonce, "NONCE")
    .replaceAll(name, "NAME")
    .replaceAll(/"[\w-]{21}[vm]"/g, '"REQUEST"')
  return { status: answer.status(), type: answer.headers()["content-type"], text }
}

async function aPrivateModel(alice: Account) {
  const description = `secret ${uniqueName("description")}`
  return { name: await alice.createModel({ visibility: "private", description }), description }
}

test("to a stranger and to a visitor the page of a private model is the page of one that never was", async ({
  page,
  openPage,
  alice,
  bob,
  noise,
}) => {
  noise.allowMissingPage()
  const { name, description } = await aPrivateModel(alice)
  await page.goto(`/${alice.username}/${name}`)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${alice.username}/${name}`)

  for (const as of [bob, undefined]) {
    const other = await openPage({ as })
    for (const path of [`/${alice.username}/${name}`, `/${alice.username}/${name}/api`]) {
      const answer = await other.goto(path)
      expect(answer!.status(), path).toBe(404)
      await expect(other.getByRole("heading", { level: 1 })).toHaveText("Page not found")
      await expect(other).toHaveTitle("Not found · Understudy")
      expect(await other.content()).not.toContain(description)
    }
  }
})

test("nothing that answers under a model's address tells a private model from one that never was", async ({
  alice,
  bob,
  playwright,
  baseURL,
}) => {
  const { name, description } = await aPrivateModel(alice)
  const never = uniqueName("model")
  const visitor = await playwright.request.newContext({ baseURL })

  for (const [who, request] of [
    ["a visitor", visitor],
    ["a stranger", bob.request],
  ] as const)
    for (const path of ["", "/api", "/versions", ".md", ".json", "/opengraph-image"])
      for (const headers of waysToAsk) {
        const what = `${who}, ${path} ${JSON.stringify(headers)}`
        const ask = async (model: string) => {
          const { status, type, text } = await answerTo(request, `/${alice.username}/${model}${path}`, model, headers)
          expect(text, what).not.toContain(description)
          if (!headers.RSC) expect(status, what).toBe(404)
          return `${status} ${type}\n${text}`
        }
        await expectIndistinguishable(
          what,
          () => ask(name),
          () => ask(never),
        )
      }
  await visitor.dispose()

  const own = await alice.request.get(`/${alice.username}/${name}/opengraph-image`)
  expect([own.status(), own.headers()["cache-control"]], "what shared caches may keep").toEqual([
    200,
    "private, no-cache",
  ])
})

test("lists show a private model to its owner alone", async ({ alice, bob, playwright, baseURL }) => {
  const { name, description } = await aPrivateModel(alice)
  const visitor = await playwright.request.newContext({ baseURL })
  const lists = [
    `/${alice.username}`,
    `/${alice.username}.md`,
    `/${alice.username}.json`,
    "/",
    "/explore",
    `/explore?q=${name}`,
    `/explore?q=${encodeURIComponent(description)}`,
    "/explore.json",
    "/sitemap.xml",
  ]

  for (const [who, request] of [
    ["a visitor", visitor],
    ["a stranger", bob.request],
  ] as const)
    for (const list of lists)
      for (const headers of waysToAsk) {
        const text = await (await request.get(list, { headers })).text()
        const found = text.replaceAll(`q=${name}`, "").replaceAll(`"${name}"`, "").includes(`/${name}`)
        expect(found, `${who} finds it on ${list} ${JSON.stringify(headers)}`).toBe(false)
      }
  expect(await alice.modelNames()).toEqual([name])
  await visitor.dispose()
})

test("a model that is made public is there for everybody at once", async ({ openPage, alice, noise }) => {
  noise.allowMissingPage()
  const { name } = await aPrivateModel(alice)
  const page = await openPage()
  expect((await page.goto(`/${alice.username}/${name}`))!.status()).toBe(404)
  const answer = await alice.request.patch(`/v1/models/${alice.username}/${name}`, {
    headers: { authorization: `Bearer ${await alice.token()}` },
    data: { visibility: "public" },
  })
  expect(answer.status()).toBe(200)
  expect((await page.goto(`/${alice.username}/${name}`))!.status()).toBe(200)
})
