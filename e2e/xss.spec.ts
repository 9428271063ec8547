import { makeAdministrator } from "./administrator"
import { expect, test, type Page } from "./fixtures"
import { runScript } from "./run-script"
import { links, payloads } from "./xss-corpus"

// Every user-controlled text is filled with texts that escape from careless pages (xss-data.ts); then every page that
// shows them is opened in a real browser. Nothing may run, and nothing may become markup: the test does not rely on the
// content security policy to stop it.

type Data = { cookies: Record<string, string>; paths: string[]; kept: number; refused: string[] }

/** Runs in the page: finds scripts, handlers and URLs that are not ours. */
function strangers(): string[] {
  const found: string[] = []
  const own = (address: string) => new URL(address, location.href)
  for (const element of document.querySelectorAll("*")) {
    const said = element.outerHTML.slice(0, 120)
    if (/^(iframe|object|embed|base|frame|applet|portal)$/i.test(element.localName))
      found.push(`<${element.localName}>: ${said}`)
    // Scripts loaded by our own scripts need no nonce.
    const ours = element instanceof HTMLScriptElement && element.src.startsWith(`${location.origin}/_next/static/`)
    if (element instanceof HTMLScriptElement && !element.nonce && !ours && element.type !== "application/ld+json")
      found.push(`a script without a nonce: ${said}`)
    if (element instanceof HTMLMetaElement && element.httpEquiv.toLowerCase() === "refresh")
      found.push(`a refresh: ${said}`)
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`a handler ${name}: ${said}`)
      if (!/^(href|src|action|formaction|xlink:href|poster|data|ping|srcdoc|background)$/i.test(name)) continue
      const { protocol } = own(value)
      const picture =
        element.localName === "img" && name === "src" && /^data:image\/(png|webp|jpeg|svg\+xml)[;,]/.test(value)
      if (!/^(https?|mailto):$/.test(protocol) && !picture) found.push(`${name} leads to ${protocol}: ${said}`)
      if (/^(form)?action$/i.test(name) && own(value).origin !== location.origin)
        found.push(`a form of elsewhere: ${said}`)
    }
  }
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) JSON.parse(script.textContent)
  if ("pwned" in window) found.push("SOMETHING RAN")
  return [...found, ...(Reflect.get(window, "refusedByPolicy") as string[])]
}

/** Watches a page; the returned function opens URLs one after another and reports problems. */
async function watched(page: Page): Promise<(paths: string[]) => Promise<string[]>> {
  const ran: string[] = []
  await page.addInitScript(() => {
    const refused: string[] = []
    Reflect.set(window, "refusedByPolicy", refused)
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      refused.push(`the policy refused ${violatedDirective} ${blockedURI} ${sample}`),
    )
  })
  page.on("dialog", (dialog) => (ran.push(`a dialog: ${dialog.message()}`), void dialog.dismiss()))
  page.on("popup", (popup) => ran.push(`a window opened: ${popup.url()}`))

  return async (paths) => {
    const wrong: string[] = []
    for (const path of paths) {
      const answer = await page.goto(path)
      expect(answer?.status(), path).toBeLessThan(500)
      expect(answer?.headers()["content-security-policy"], path).toContain("'strict-dynamic'")
      for (const stranger of await page.evaluate(strangers)) wrong.push(`${path}: ${stranger}`)
    }
    return [...wrong, ...ran]
  }
}

/** Reaches no other machine. Unlike a route, which turns off the cache of scripts, a proxy leaves our requests alone. */
const alone = { proxy: { server: "http://127.0.0.1:9", bypass: "127.0.0.1" } }

/** The console reports missing images and pages as errors. */
const missingThings = /^console (error|warning): (Failed to load resource|Image with src)/

test("whatever people write, nothing of it runs or is markup on any page", async ({ instance, openPage, noise }) => {
  // Opens 132 pages.
  test.setTimeout(600_000)
  noise.allow(missingThings)
  const { origin, data } = await instance()
  const prepared = await runScript<Data>("xss-data", data)
  // Texts are stored unchanged; invalid links are not stored.
  expect(prepared.kept).toBeGreaterThan(payloads.length * 8)
  expect(prepared.refused.filter((what) => /: .*(javascript|data|vbscript):/i.test(what)).length).toBeGreaterThan(
    links.length,
  )

  const page = await openPage({ baseURL: origin, ...alone })
  const look = await watched(page)
  const as = (username: string) =>
    page.context().addCookies([
      {
        name: "understudy.session",
        value: prepared.cookies[username]!,
        url: origin,
        httpOnly: true,
        sameSite: "Lax",
      },
    ])
  const perPerson = prepared.paths.length / payloads.length
  expect(perPerson).toBe(20)
  for (const n of payloads.keys()) {
    await as(`user-${n}`)
    expect(await look(prepared.paths.slice(n * perPerson, (n + 1) * perPerson))).toEqual([])
  }
  await as("boss")
  const shared = [
    "/",
    "/explore",
    "/collections",
    "/pricing",
    "/admin/users",
    "/admin/hardware",
    "/admin/events",
    "/admin/settings",
    "/account/transfers",
    "/organizations",
    "/collections/collection-0/edit",
    "/docs/api",
  ]
  expect(await look(shared)).toEqual([])

  // Content shown by scripts: the palette searches while one types.
  await page.goto("/")
  const field = page.getByRole("combobox", { name: "Search models and commands" })
  await expect(async () => {
    if (!(await field.isVisible())) await page.keyboard.press("Control+k")
    await expect(field).toBeFocused({ timeout: 1500 })
  }).toPass()
  await page.keyboard.type("model-")
  await expect(page.getByRole("option").filter({ hasText: "user-" }).first()).toBeVisible()
  expect(await page.evaluate(strangers)).toEqual([])
})

test("what stands in an address comes back as text, and leads nowhere", async ({ openAccount, openPage, noise }) => {
  test.setTimeout(180_000)
  noise.allow(missingThings)
  const alice = await openAccount()
  makeAdministrator(alice)
  const inAddress = (text: string) => encodeURIComponent(text.replaceAll("\0", ""))
  const texts = payloads.map(inAddress)
  const look = await watched(await openPage({ as: alice, ...alone }))
  expect(
    await look([
      ...texts.flatMap((q) => [
        `/explore?q=${q}&sort=${q}&hardware=${q}`,
        `/admin/users?q=${q}&done=${q}`,
        `/create?name=${q}&description=${q}&github_url=${q}&owner=${q}&hardware=${q}`,
        `/account/api-tokens?name=${q}&scopes=${q}&expires_in_days=${q}`,
        `/${q}`,
        `/collections/${q}`,
      ]),
      ...links.map((link) => `/create?github_url=${inAddress(link)}&paper_url=${inAddress(link)}`),
    ]),
  ).toEqual([])
  const lookAsVisitor = await watched(await openPage(alone))
  expect(await lookAsVisitor([...links.map(inAddress), ...texts].map((q) => `/signin?next=${q}&error=${q}`))).toEqual(
    [],
  )
})

test("what a page's alternates say is never taken for a page", async ({ alice }) => {
  const name = await alice.createModel({ description: payloads[0]! })
  for (const [path, type] of [
    ["", "text/html"],
    [".md", "text/markdown"],
    [".json", "application/json"],
  ] as const) {
    const { [`content-type`]: sent, ...headers } = (
      await alice.request.get(`/${alice.username}/${name}${path}`)
    ).headers()
    expect(sent, path).toContain(type)
    expect(headers["x-content-type-options"], path).toBe("nosniff")
  }
})
