import type { Request } from "@playwright/test"

import { createForm } from "./forms"
import { expect, test, uniqueName, type Page } from "./fixtures"
import { postForm } from "./plain-form"

/** The headers and the body of a server action as this browser sends it. */
async function recorded(page: Page, act: () => Promise<void>) {
  const [request] = await Promise.all([page.waitForRequest((request: Request) => request.method() === "POST"), act()])
  return { url: request.url(), headers: await request.allHeaders(), data: request.postDataBuffer()! }
}

/** Foreign origins of a request; null is a missing header. */
const foreign = {
  "another site": "https://evil.example",
  "this host on another port": "http://127.0.0.1:1",
  "nobody in particular": "null",
  "no origin at all": null,
}

test("an action that creates is refused unless it comes from our own pages", async ({ page, alice, playwright }) => {
  await page.goto("/create")
  const name = uniqueName("forged")
  await createForm(page).name.fill("placeholder-name")
  const { url, headers, data } = await recorded(page, () => createForm(page).submit.click())
  await expect(page).toHaveURL(`/${alice.username}/placeholder-name`)
  const body = Buffer.from(data.toString("latin1").replaceAll("placeholder-name", name.slice(0, 16)), "latin1")
  const kept = Object.fromEntries(
    Object.entries(headers).filter(
      ([header]) =>
        !header.startsWith(":") && !/^(origin|referer|content-length|host|connection|sec-fetch-.*)$/.test(header),
    ),
  )
  const send = async (origin: string | null) => {
    const request = await playwright.request.newContext()
    await request.post(url, { headers: { ...kept, ...(origin && { origin }) }, data: body, maxRedirects: 0 })
    await request.dispose()
    return alice.modelNames()
  }

  for (const [who, origin] of Object.entries(foreign)) expect(await send(origin), who).toEqual(["placeholder-name"])
  expect(await send(new URL(url).origin), "our own pages").toContain(name.slice(0, 16))
})

test("a foreign page can neither sign anybody in, up or out, nor make or end a token", async ({
  alice,
  playwright,
  baseURL,
}) => {
  await alice.newToken("kept")
  const visitor = await playwright.request.newContext({ baseURL })
  const username = uniqueName("forged")
  for (const [who, claimed] of Object.entries(foreign))
    for (const send of [
      () => postForm(visitor, "/signin", "Sign in", { username: alice.username, password: alice.password }, claimed),
      () => postForm(visitor, "/signup", "Create account", { username, password: alice.password }, claimed),
      () => postForm(alice.request, "/account/api-tokens", "Create token", { name: "forged" }, claimed),
      () => postForm(alice.request, "/account/api-tokens", "Revoke kept", {}, claimed),
      () => postForm(alice.request, "/pricing", "Sign out", {}, claimed),
    ]) {
      const answer = await send()
      expect(
        answer.headersArray().filter(({ name }) => name.toLowerCase() === "set-cookie"),
        who,
      ).toEqual([])
    }

  const tokens = await (await alice.request.get("/account/api-tokens")).text()
  expect(tokens).toContain("Revoke kept")
  expect(tokens).not.toContain("Revoke forged")
  expect((await visitor.get(`/${username}`)).status()).toBe(404)
  await visitor.dispose()
})

test("pages carry a strict policy with a fresh nonce, and every script of theirs has it", async ({ request }) => {
  const nonces = new Set<string>()
  for (const path of ["/", "/explore", "/signin", "/pricing", "/docs/api", "/nobody-of-this-name"]) {
    const answer = await request.get(path)
    const headers = answer.headers()
    const policy = headers["content-security-policy"]!
    const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic'(;|$)/.exec(policy)?.[1]
    expect(nonce, path).toBeTruthy()
    nonces.add(nonce!)
    for (const rule of [
      "default-src 'self'",
      "img-src 'self' data:;",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ])
      expect(policy).toContain(rule)
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/)
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
    })
    expect(headers["x-powered-by"]).toBeUndefined()
    const scripts = (await answer.text()).match(/<script\b[^>]*>/g) ?? []
    expect(scripts.length).toBeGreaterThan(0)
    expect(
      scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`) && !tag.includes("application/ld+json")),
      path,
    ).toEqual([])
  }
  expect(nonces.size).toBe(6)
})

test("the session cookie is out of reach for scripts and other sites, and says nothing", async ({
  page,
  alice,
  context,
}) => {
  await page.goto("/")
  const session = (await context.cookies()).find(({ name }) => name.endsWith("understudy.session"))!
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" })
  expect(session.value).not.toContain(alice.username)
  expect(await page.evaluate(() => document.cookie)).not.toContain("session")
  for (const cookie of await context.cookies()) expect(["Lax", "Strict"], cookie.name).toContain(cookie.sameSite)
})

test("pages that show somebody's own things are stored by no cache", async ({ alice }) => {
  for (const path of ["/create", "/account/api-tokens", `/${alice.username}`])
    expect((await alice.request.get(path)).headers()["cache-control"], path).toMatch(/no-store|private/)
})

test("what people write is text on every page, never markup", async ({ page, alice }) => {
  const markup = `<img src=x onerror=alert(1)><script>alert(2)</script>"'&amp;`
  const name = await alice.createModel({ description: markup, github_url: "https://example.com/?a=%22%3E%3Cscript%3E" })
  for (const path of [
    `/${alice.username}/${name}`,
    `/${alice.username}/${name}/api`,
    `/${alice.username}`,
    "/explore",
    "/",
    `/explore?q=${encodeURIComponent(markup)}`,
  ]) {
    await page.goto(path)
    await expect(page.locator("img[src=x]")).toHaveCount(0)
  }
  await page.goto(`/${alice.username}/${name}`)
  await expect(page.getByText(markup, { exact: true })).toBeVisible()
})
