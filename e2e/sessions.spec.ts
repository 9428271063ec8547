import type { APIRequestContext, APIResponse } from "@playwright/test"

import { expect, test, uniqueName } from "./fixtures"
import { credentials, expectComplaint, openFolds } from "./forms"
import { hiddenValuesOf, postForm } from "./plain-form"

const cookieIn = async (request: APIRequestContext) =>
  (await request.storageState()).cookies.find(({ name }) => name.endsWith("understudy.session"))
const cookiesOf = (answer: APIResponse) =>
  answer
    .headersArray()
    .filter(({ name }) => name.toLowerCase() === "set-cookie")
    .map(({ value }) => value)
const secretOf = async (request: APIRequestContext) => (await cookieIn(request))!.value

test.describe("the session is another one, and a copy of the old cookie is worth nothing, after", () => {
  for (const [what, act] of Object.entries({
    "signing in again": (request: APIRequestContext, username: string, password: string) =>
      postForm(request, "/signin", "Sign in", { username, password }),
    "another password": (request: APIRequestContext, _username: string, current: string) =>
      postForm(request, "/account/security", "Change password", { current, password: "another horse battery" }),
    "signing out": (request: APIRequestContext) => postForm(request, "/pricing", "Sign out", {}),
    "signing out by next-auth's own route": async (
      request: APIRequestContext,
      _username: string,
      _current: string,
      origin: string,
    ) => {
      const { csrfToken } = await (await request.get("/api/auth/csrf")).json()
      return request.post("/api/auth/signout", { headers: { origin }, form: { csrfToken }, maxRedirects: 0 })
    },
  }))
    test(what, async ({ bob, playwright, baseURL }) => {
      const copy = await secretOf(bob.request)
      const copied = async () => {
        const thief = await playwright.request.newContext({
          baseURL,
          extraHTTPHeaders: { cookie: `understudy.session=${copy}` },
        })
        const answer = await thief.get("/account", { maxRedirects: 0 })
        await thief.dispose()
        return answer.status()
      }
      expect(await copied()).toBe(200)
      // The page redirects signed-in people, so a visitor's form is posted with the cookie.
      if (what === "signing in again") {
        const visitor = await playwright.request.newContext({ baseURL })
        const hidden = hiddenValuesOf(await (await visitor.get("/signin")).text(), "Sign in")
        await visitor.dispose()
        const answer = await bob.request.post("/signin", {
          headers: { origin: new URL(baseURL!).origin },
          multipart: { ...hidden, username: bob.username, password: bob.password },
          maxRedirects: 0,
        })
        expect(answer.status()).toBe(303)
      } else
        expect((await act(bob.request, bob.username, bob.password, new URL(baseURL!).origin)).status()).toBeLessThan(
          400,
        )

      expect((await cookieIn(bob.request))?.value).not.toBe(copy)
      expect(await copied()).toBe(307)
      expect((await bob.request.get("/account", { maxRedirects: 0 })).status()).toBe(
        what.startsWith("signing out") ? 307 : 200,
      )
    })
})

test("behind https every cookie is of this host alone, and a session of another name is none", async ({
  instance,
  playwright,
}) => {
  const origin = "https://models.example.test"
  const { origin: inner } = await instance({ PUBLIC_URL: origin, TRUST_PROXY: "1" })
  const proxy = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "models.example.test",
    "x-forwarded-for": "192.0.2.1",
  }
  const request = await playwright.request.newContext({ baseURL: inner, extraHTTPHeaders: proxy })

  const hidden = hiddenValuesOf(await (await request.get("/signup")).text(), "Create account")
  const values = { username: uniqueName("host"), password: "correct horse battery" }
  const refused = await request.post("/signup", {
    headers: { origin: inner },
    multipart: { ...hidden, ...values },
    maxRedirects: 0,
  })
  expect(cookiesOf(refused), "from the address behind the proxy").toEqual([])
  const answer = await request.post("/signup", {
    headers: { origin },
    multipart: { ...hidden, ...values },
    maxRedirects: 0,
  })
  expect(answer.status()).toBe(303)
  for (const entryPoint of ["/", "/v1/models", "/v2/", "/api/auth/csrf", "/healthz"])
    expect((await request.get(entryPoint)).headers()["strict-transport-security"], entryPoint).toBe("max-age=31536000")
  const [session, ...more] = cookiesOf(answer)
  expect(more).toEqual([])
  expect(session).toMatch(/^__Host-understudy\.session=\S+;/)
  for (const attribute of [/; Path=\//, /; Secure/, /; HttpOnly/, /; SameSite=lax/i]) expect(session).toMatch(attribute)
  expect(session).not.toMatch(/; Domain=/i)
  for (const cookie of cookiesOf(await request.get("/api/auth/csrf"))) expect(cookie).toMatch(/^__Host-.*; Secure/)

  const sealed = session!.split(";")[0]!.split("=")[1]!
  const shown = async (cookie: string) =>
    (await request.get("/account", { headers: { cookie }, maxRedirects: 0 })).status()
  expect(await shown(`__Host-understudy.session=${sealed}`)).toBe(200)
  for (const name of ["understudy.session", "__Secure-understudy.session", "next-auth.session-token"])
    expect(await shown(`${name}=${sealed}`), name).toBe(307)
  await request.dispose()
})

for (const javaScriptEnabled of [true, false])
  test(`signing a browser out and another e-mail address take the password, ${javaScriptEnabled ? "with" : "without"} scripts`, async ({
    alice,
    openPage,
    noise,
  }) => {
    // With scripts disabled, the browser reports a preloaded script as blocked.
    if (!javaScriptEnabled) noise.allow(/^failed: GET .*\.js csp$/)
    const page = await openPage({ as: alice, javaScriptEnabled })
    const other = await openPage()
    const signedIn = async () => {
      await other.goto("/account")
      return new URL(other.url()).pathname === "/account"
    }
    const signIn = async () => {
      await other.goto("/signin")
      await credentials(other).fill(alice.username, alice.password)
      await credentials(other).signIn.click()
      await other.waitForURL("**/")
    }
    const password = page.getByLabel("Your password")

    for (const button of [
      page.getByRole("button", { name: "Sign out everywhere else" }),
      page.getByRole("main").getByRole("button", { name: /^Sign out .*, / }),
    ]) {
      await signIn()
      await page.goto("/account/security")
      await expect(password).toBeHidden()
      await expect(button).toBeHidden()
      await openFolds(page.getByRole("region", { name: "Sessions" }))
      await password.fill("not the password")
      await button.click()
      await expectComplaint(password, /The password is wrong\./)
      expect(await signedIn()).toBe(true)

      await password.fill(alice.password)
      await button.click()
      await expect(page.getByRole("status").filter({ hasText: "Signed out." })).toBeVisible()
      await expect(password).toHaveCount(0)
      expect(await signedIn()).toBe(false)
    }

    await page.goto("/account")
    await page.getByLabel("Email").fill("alice@example.com")
    await page.getByRole("button", { name: "Save email" }).click()
    await expectComplaint(password, /The password is wrong\./)
    await expect(page.getByLabel("Email")).toHaveValue("alice@example.com")
    await password.fill(alice.password)
    await page.getByRole("button", { name: "Save email" }).click()
    await expect(page.getByRole("status").filter({ hasText: "Email saved." })).toBeVisible()
    await expect(password).toHaveValue("")
    await page.reload()
    await expect(page.getByLabel("Email")).toHaveValue("alice@example.com")
  })

test("what is in the sealed cookie is told to no script", async ({ bob }) => {
  const answer = await bob.request.get("/api/auth/session")
  expect(answer.status()).toBe(200)
  expect(Object.keys(await answer.json()).sort()).toEqual(["expires", "user"])
})

test("the way to GitHub begins with a state and a PKCE challenge, which only this browser can answer", async ({
  instance,
  playwright,
}) => {
  const origin = "https://models.example.test"
  const { origin: inner } = await instance({
    PUBLIC_URL: origin,
    TRUST_PROXY: "1",
    GITHUB_ID: "an-id",
    GITHUB_SECRET: "a-secret",
  })
  const proxy = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "models.example.test",
    "x-forwarded-for": "192.0.2.1",
  }
  const request = await playwright.request.newContext({ baseURL: inner, extraHTTPHeaders: proxy })

  const before = await request.get("/api/auth/csrf")
  const cookie = cookiesOf(before)
    .map((line) => line.split(";")[0])
    .join("; ")
  const { csrfToken } = await before.json()
  const begin = () =>
    request.post("/api/auth/signin/github", {
      headers: { origin, cookie },
      form: { csrfToken, json: "true" },
      maxRedirects: 0,
    })
  const answer = await begin()
  const url = new URL((await answer.json()).url)
  expect(url.origin + url.pathname).toBe("https://github.com/login/oauth/authorize")
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: "an-id",
    response_type: "code",
    redirect_uri: `${origin}/api/auth/callback/github`,
    state: expect.stringMatching(/^[\w-]{43,}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
  })
  const kept = cookiesOf(answer).filter((line) => /understudy\.(state|pkce)=/.test(line))
  expect(kept).toHaveLength(2)
  for (const line of kept)
    for (const attribute of [/^__Host-/, /; Path=\//, /; Secure/, /; HttpOnly/, /; SameSite=lax/i])
      expect(line).toMatch(attribute)
  for (const line of kept) expect(line).not.toContain(url.searchParams.get("state"))
  expect((await (await begin()).json()).url).not.toContain(url.searchParams.get("code_challenge"))

  // Another person's callback in this browser, and this browser's callback in another.
  const own = kept.map((line) => line.split(";")[0]).join("; ")
  for (const [state, cookie] of [
    ["x".repeat(43), own],
    [url.searchParams.get("state"), ""],
  ]) {
    const refused = await request.get(`/api/auth/callback/github?code=stolen&state=${state}`, {
      headers: { cookie: cookie! },
      maxRedirects: 0,
    })
    expect(refused.headers().location).toMatch(/\/api\/auth\/error\?error=OAuthCallback$/)
    expect(cookiesOf(refused).join()).not.toContain("understudy.session=ey")
  }
  await request.dispose()
})
