import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import type { APIRequestContext, APIResponse, Page } from "@playwright/test"

import type { Account } from "./account"
import { makeAdministrator } from "./administrator"
import { Authenticator } from "./authenticator"
import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { createForm, credentials, expectComplaint, openFolds } from "./forms"
import { expect, test } from "./fixtures"
import { hiddenValuesOf, postForm } from "./plain-form"
import { remember } from "./secrets"

const cookiesOf = (answer: APIResponse) =>
  answer
    .headersArray()
    .filter(({ name }) => name.toLowerCase() === "set-cookie")
    .map(({ value }) => value)

/** The fields of two-step sign-in, on the security page and at sign-in. */
function twoSteps(page: Page) {
  const main = page.getByRole("main")
  const button = (name: string) => main.getByRole("button", { name, exact: true })
  const section = main.getByRole("region", { name: "Two-step sign-in" })
  return {
    section,
    /** Expands the section with the password field. */
    unfold: () => openFolds(section),
    password: main.getByLabel("Password", { exact: true }),
    code: main.getByLabel("Code", { exact: true }),
    qr: main.getByRole("img", { name: "QR code for your authenticator app" }),
    key: main.getByRole("region", { name: "Key for your authenticator app" }),
    codes: main.getByRole("region", { name: "Your recovery codes" }),
    setUp: button("Set up two-step sign-in"),
    turnOn: button("Turn on"),
    cancel: button("Cancel"),
    newCodes: button("Create new recovery codes"),
    turnOff: button("Turn off"),
  }
}

/** Turns it on like a browser without scripts. */
async function turnOn({
  request,
  password,
}: Pick<Account, "request"> & { password: string }): Promise<{ app: Authenticator; recovery: string[] }> {
  const begun = await request.post(
    "/account/security",
    await filled(request, "Set up two-step sign-in", { password, change: "begin" }),
  )
  const html = await begun.text()
  const app = new Authenticator(remember("second factor", /secret=([A-Z2-7]{32})/.exec(html)![1]!))
  const { origin } = new URL(begun.url())
  const done = await request.post("/account/security", {
    headers: { origin },
    multipart: { ...hiddenValuesOf(html, "Turn on"), code: await app.code(), change: "confirm" },
  })
  const recovery = (await done.text()).match(/\b\d{4} \d{4} \d{4} \d{4}\b/g)!.slice(0, 10)
  expect(new Set(recovery).size).toBe(10)
  return { app, recovery }
}

async function filled(request: APIRequestContext, button: string, values: Record<string, string>) {
  const page = await request.get("/account/security")
  return {
    headers: { origin: new URL(page.url()).origin },
    multipart: { ...hiddenValuesOf(await page.text(), button), ...values },
  }
}

async function takeFirstStep(page: Page, { username, password }: Account) {
  await credentials(page).fill(username, password)
  await credentials(page).signIn.click()
}

const signedOut = async (page: Page) => {
  const answer = await page.request.get("/account", { maxRedirects: 0 })
  return answer.status() === 307 && answer.headers().location!.startsWith("/signin")
}

for (const javaScriptEnabled of [true, false])
  test(`somebody turns it on, signs in with a code and with a recovery code, and turns it off, ${javaScriptEnabled ? "with" : "without"} scripts`, async ({
    alice,
    openPage,
    noise,
    playwright,
    baseURL,
  }) => {
    test.setTimeout(240_000)
    // With scripts disabled, the browser reports a preloaded script as blocked.
    if (!javaScriptEnabled) noise.allow(/^failed: GET .*\.js csp$/)
    // The name lookup of a draft may still be in progress at sign-out.
    noise.allow(/status of 401 .*\/api\/web\/model-name/)
    const page = await openPage({ as: alice, javaScriptEnabled })
    const other = await openPage({ as: alice, javaScriptEnabled })
    const form = twoSteps(page)
    /** The response to a separate browser that enters the password and this code. */
    const answerTo = async (code: string) => {
      const visitor = await playwright.request.newContext({ baseURL })
      await postForm(visitor, "/signin", "Sign in", { username: alice.username, password: alice.password })
      const answer = await (await postForm(visitor, "/signin/code", "Sign in", { code })).text()
      await visitor.dispose()
      return answer
    }
    const look = async () => {
      if (!javaScriptEnabled) return
      await expectAccessible(page)
      await expectNoSidewaysScroll(page)
    }

    await page.goto("/account/security")
    await expect(form.password).toBeHidden()
    await form.unfold()
    await form.password.fill("not the password")
    await form.setUp.click()
    await expectComplaint(form.password, "The password is wrong.")
    await form.password.fill(alice.password)
    await form.setUp.click()
    await form.cancel.click()
    await expect(form.qr).toHaveCount(0)
    if (javaScriptEnabled) await expect(form.section.locator(":focus")).toHaveCount(1)
    await form.unfold()
    await form.password.fill(alice.password)
    await form.setUp.click()
    await expect(form.qr).toBeVisible()
    await expect(form.code).toHaveAttribute("autocomplete", "one-time-code")
    await expect(form.code).toHaveAttribute("inputmode", "numeric")
    expect(await form.key.innerText()).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    const app = new Authenticator(remember("second factor", (await form.key.innerText()).replaceAll(" ", "")))
    await look()

    await form.code.fill(app.wrongCode())
    await form.turnOn.click()
    await expectComplaint(form.code, /The code is wrong\./)
    await expect(form.code).toBeFocused()
    await expect(form.qr).toBeVisible()
    await look()
    if (javaScriptEnabled) {
      noise.allow(/^failed: POST/, /net::ERR_FAILED/)
      await page.route("**/account/security", (route, request) =>
        request.method() === "POST" ? route.abort() : route.fallback(),
      )
      await form.turnOn.click()
      await expect(page.getByRole("main").getByRole("alert")).toContainText("No response from the server")
      await expect(form.qr).toBeVisible()
      await page.unrouteAll()
    }
    await form.code.fill(await app.code())
    await form.turnOn.click()
    await expect(form.codes).toBeVisible()
    await expect(form.section).toContainText("10 recovery codes are left")
    const recovery = (await form.codes.innerText()).split("\n")
    expect(recovery).toHaveLength(10)
    for (const code of recovery) remember("recovery code", code)
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download as text" }).click(),
    ])
    expect(file.suggestedFilename()).toBe("understudy-recovery-codes.txt")
    expect(readFileSync((await file.path())!, "utf8")).toBe(`${recovery.join("\n")}\n`)
    await look()
    expect(await signedOut(other), "all other browsers were signed out").toBe(true)
    expect(await signedOut(page)).toBe(false)

    await page.goto("/account/events")
    await expect(page.getByRole("main")).toContainText(`${alice.username} turned on two-step sign-in`)
    await page.goto("/account/security")
    expect(await page.content(), "the codes are shown once").not.toContain(recovery[0])
    await form.unfold()
    await expect(form.newCodes).toBeVisible()
    await look()

    // On the way to a page that requires sign-in.
    const wanted = "/create?name=hotdog&visibility=public"
    await other.goto(wanted)
    await takeFirstStep(other, alice)
    await expect(other).toHaveURL(`/signin/code?next=${encodeURIComponent(wanted)}`)
    expect(await signedOut(other), "the first step opens nothing").toBe(true)
    const code = twoSteps(other).code
    await expect(code).toBeFocused()
    await expect(code).toHaveAttribute("autocomplete", "one-time-code")
    await expect(code).toHaveAttribute("inputmode", "numeric")
    const send = async (digits: string) => {
      await code.fill(digits)
      await credentials(other).signIn.click()
    }
    await send(app.wrongCode())
    await expectComplaint(code, /The code is wrong\./)
    await expect(code).toBeFocused()
    if (javaScriptEnabled) {
      await expectAccessible(other)
      await expectNoSidewaysScroll(other)
    }
    await send("")
    await expectComplaint(code, /Enter the code\./)
    const digits = await app.code()
    await send(digits)
    await expect(other).toHaveURL(wanted)
    expect(await answerTo(digits), "a second time").toContain("This code was already used.")
    await expect(createForm(other).name).toHaveValue("hotdog")

    // A recovery code in the same field, accepted once.
    for (const again of [false, true]) {
      await other.context().clearCookies()
      await other.goto("/signin")
      await takeFirstStep(other, alice)
      await expect(other).toHaveURL("/signin/code")
      await send(recovery[0]!)
      if (again) await expectComplaint(code, /The code is wrong\./)
      else await expect(other).toHaveURL("/")
    }

    await page.goto("/account/security")
    await expect(form.section).toContainText("9 recovery codes are left")
    await form.unfold()
    await form.password.fill(alice.password)
    await form.code.fill(recovery[1]!)
    await form.newCodes.click()
    await expect(form.codes).toBeVisible()
    const fresh = (await form.codes.innerText()).split("\n")
    for (const code of fresh) remember("recovery code", code)
    await look()
    await form.unfold()
    await form.password.fill(alice.password)
    await form.code.fill(recovery[2]!)
    await form.turnOff.click()
    await expectComplaint(form.code, /The code is wrong\./)
    await form.password.fill(alice.password)
    await form.code.fill(fresh[0]!)
    await form.turnOff.click()
    await expect(page.getByRole("status").filter({ hasText: "Two-step sign-in is off." })).toBeVisible()
    await form.unfold()
    await expect(form.setUp).toBeVisible()

    await other.context().clearCookies()
    await other.goto("/signin?next=%2Fpricing")
    await takeFirstStep(other, alice)
    await expect(other).toHaveURL("/pricing")
  })

test("what was typed on the create page is there after both steps", async ({ page, alice, context, noise }) => {
  noise.allow(/status of 401 .*model-name/)
  const { recovery } = await turnOn(alice)
  await context.clearCookies()
  await alice.signIn(context)
  await page.goto("/create")
  await createForm(page).name.fill("kept-over-two-steps")
  await context.clearCookies()
  await createForm(page).submit.click()
  await expect(page).toHaveURL(/\/signin\?next=/)
  await takeFirstStep(page, alice)
  await expect(page).toHaveURL(/\/signin\/code\?next=/)
  await twoSteps(page).code.fill(recovery[0]!)
  await credentials(page).signIn.click()
  await expect(page).toHaveURL(/\/create/)
  await expect(createForm(page).name).toHaveValue("kept-over-two-steps")
})

test("who has not taken the first step is sent to it, and a challenge that is over says so", async ({
  page,
  alice,
  context,
}) => {
  await context.clearCookies()
  await page.goto("/signin/code?next=%2Fpricing")
  await expect(page).toHaveURL("/signin?next=%2Fpricing")
  const { app } = await turnOn(alice)
  await page.reload()
  await takeFirstStep(page, alice)
  await expect(twoSteps(page).code).toBeVisible()
  await context.clearCookies()
  await twoSteps(page).code.fill(await app.code())
  await credentials(page).signIn.click()
  await expect(page.getByRole("status").filter({ hasText: "Your sign-in expired. Sign in again." })).toBeVisible()
  await expect(page).toHaveURL("/signin?late=1&next=%2Fpricing")
  // This page redirects people who are signed in.
  await alice.signIn(context)
  await page.goto("/signin/code?next=%2F%2Fevil.example")
  await expect(page).toHaveURL("/")
})

test("the challenge between the steps opens no page, no action and no API", async ({ alice, playwright, baseURL }) => {
  const { app } = await turnOn(alice)
  const { origin } = new URL(baseURL!)
  const visitor = await playwright.request.newContext({ baseURL })
  const first = await postForm(visitor, "/signin", "Sign in", { username: alice.username, password: alice.password })
  expect([first.status(), first.headers().location]).toEqual([303, "/signin/code"])
  const [cookie, ...more] = cookiesOf(first)
  expect(more).toEqual([])
  for (const attribute of [
    /^understudy\.second-step=sealed\./,
    /; Path=\//,
    /; HttpOnly/i,
    /; SameSite=lax/i,
    /; Max-Age=600/,
  ])
    expect(cookie).toMatch(attribute)
  const challenge = remember("challenge", cookie!.split(";")[0]!.split("=")[1]!)

  for (const page of ["/account", "/account/security", "/account/export", "/create"])
    for (const name of ["understudy.second-step", "understudy.session"]) {
      const answer = await fetch(`${origin}${page}`, {
        headers: { cookie: `${name}=${challenge}` },
        redirect: "manual",
      })
      expect([answer.status, new URL(answer.headers.get("location")!, origin).pathname], `${page} by ${name}`).toEqual([
        307,
        "/signin",
      ])
    }
  const form = hiddenValuesOf(await (await alice.request.get("/account/api-tokens")).text(), "Create token")
  const forged = await visitor.post("/account/api-tokens", {
    headers: { origin },
    multipart: { ...form, name: "forged", scopes: "read" },
    maxRedirects: 0,
  })
  expect(forged.headers().location).toMatch(/^\/signin/)
  expect(await (await alice.request.get("/account/api-tokens")).text()).not.toContain("Revoke forged")
  for (const secret of [challenge, await app.code()])
    for (const entryPoint of ["/v1/account", "/v2/"]) {
      const basic = Buffer.from(`${alice.username}:${secret}`).toString("base64")
      for (const authorization of [`Bearer ${secret}`, `Basic ${basic}`])
        expect(
          (await fetch(origin + entryPoint, { headers: { authorization } })).status,
          `${entryPoint} by ${authorization.split(" ")[0]}`,
        ).toBe(401)
    }
  // Tokens keep working.
  expect(
    (await alice.request.get("/v1/account", { headers: { authorization: `Bearer ${await alice.token()}` } })).status(),
  ).toBe(200)
  await visitor.dispose()
})

test("next-auth's own route behind the page lets nobody in with the password alone", async ({
  alice,
  bob,
  playwright,
  baseURL,
}) => {
  await turnOn(alice)
  const { origin } = new URL(baseURL!)
  for (const [account, isLetIn] of [
    [bob, true],
    [alice, false],
  ] as const) {
    const visitor = await playwright.request.newContext({ baseURL })
    const { csrfToken } = await (await visitor.get("/api/auth/csrf")).json()
    const answer = await visitor.post("/api/auth/callback/credentials", {
      headers: { origin },
      form: { csrfToken, username: account.username, password: account.password, json: "true" },
      maxRedirects: 0,
    })
    expect(
      cookiesOf(answer).some((line) => line.startsWith("understudy.session=ey")),
      account.username,
    ).toBe(isLetIn)
    expect((await visitor.get("/account", { maxRedirects: 0 })).status()).toBe(isLetIn ? 200 : 307)
    await visitor.dispose()
  }
})

test("a password link from an administrator leaves the second step, which administrators turn off by a button of its own", async ({
  page,
  alice,
  bob,
  openPage,
}) => {
  await turnOn(bob)
  makeAdministrator(alice)
  const handedOut = await (
    await postForm(alice.request, `/admin/users?q=${bob.username}`, `Create password link for ${bob.username}`, {})
  ).text()
  const link = remember("password link", /\/signin\/reset\/([\w-]{20,})/.exec(handedOut)![1]!)
  const person = await openPage()
  await person.goto(`/signin/reset/${link}`)
  await person.getByLabel("New password").fill("another horse battery")
  await person.getByRole("button", { name: "Set password" }).click()
  const signIn = async () => {
    await credentials(person).fill(bob.username, "another horse battery")
    await credentials(person).signIn.click()
  }
  await signIn()
  await expect(person).toHaveURL("/signin/code")
  expect(await signedOut(person)).toBe(true)

  await page.goto(`/admin/users?q=${bob.username}`)
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
  await page.getByRole("button", { name: `Turn off two-step sign-in: ${bob.username}` }).click()
  await expect(page.getByRole("status").filter({ hasText: "Account updated." })).toBeVisible()
  await expect(page.getByRole("main")).not.toContainText("Two-step sign-in")
  await page.goto("/admin/events")
  await expect(page.getByRole("main")).toContainText(
    `${alice.username} turned off two-step sign-in for ${bob.username}`,
  )

  await person.goto("/signin")
  await signIn()
  await expect(person).toHaveURL("/")
})

test("who comes from GitHub takes the second step here too, and is led to where they were going", async ({
  instance,
  playwright,
}) => {
  const person = {
    id: 4711,
    login: "octo",
    name: "Octo",
    email: "octo@example.com",
    avatar_url: null,
    html_url: "https://github.com/octo",
  }
  const github = createServer((request, response) => {
    response.setHeader("content-type", "application/json")
    response.end(
      JSON.stringify(
        request.url === "/user" ? person : { access_token: "a-token", token_type: "bearer", scope: "read:user" },
      ),
    )
  }).listen(0, "127.0.0.1")
  const { origin } = await instance({
    GITHUB_ID: "an-id",
    GITHUB_SECRET: "a-secret",
    FAKE_GITHUB: `http://127.0.0.1:${await new Promise<number>((resolve) => github.once("listening", () => resolve((github.address() as AddressInfo).port)))}`,
    NODE_OPTIONS: `--require ${path.resolve("e2e/fake-github.cjs")}`,
  })

  /** Comes back from GitHub, and returns the response. */
  async function comeBack(request: APIRequestContext, callbackUrl: string): Promise<APIResponse> {
    const { csrfToken } = await (await request.get("/api/auth/csrf")).json()
    const begun = await request.post("/api/auth/signin/github", {
      headers: { origin },
      form: { csrfToken, callbackUrl, json: "true" },
      maxRedirects: 0,
    })
    const state = new URL((await begun.json()).url).searchParams.get("state")!
    return request.get(`/api/auth/callback/github?code=a-code&state=${encodeURIComponent(state)}`, { maxRedirects: 0 })
  }
  const browser = () => playwright.request.newContext({ baseURL: origin })

  const first = await browser()
  expect((await comeBack(first, `${origin}/pricing`)).headers().location).toBe(`${origin}/pricing`)
  const { recovery } = await turnOn({ request: first, password: "" })
  expect((await first.get("/account", { maxRedirects: 0 })).status()).toBe(200)

  const second = await browser()
  const answer = await comeBack(second, `${origin}/create?name=hotdog`)
  expect(answer.headers().location).toMatch(/\/signin\/code\?next=%2Fcreate%3Fname%3Dhotdog$/)
  expect(cookiesOf(answer).join(), "no session yet").not.toContain("understudy.session=ey")
  expect((await second.get("/account", { maxRedirects: 0 })).status()).toBe(307)
  const entered = await postForm(second, "/signin/code?next=%2Fcreate%3Fname%3Dhotdog", "Sign in", {
    code: recovery[0]!,
  })
  expect([entered.status(), entered.headers().location]).toEqual([303, "/create?name=hotdog"])
  expect((await second.get("/account", { maxRedirects: 0 })).status()).toBe(200)
  await Promise.all([first.dispose(), second.dispose()])
  github.close()
})
