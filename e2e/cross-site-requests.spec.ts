import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { Account } from "./account"
import { pages } from "./every-page"
import { expect, test } from "./fixtures"

// Every entry point that changes something, found in the code: the actions of the build and the handlers exported by
// app/. New ones are covered automatically.

type Action = { workers: Record<string, unknown>; filename: string; exportedName: string }
const actions = () =>
  Object.entries(
    (
      JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
        node: Record<string, Action>
      }
    ).node,
  )

/** Handlers of methods other than GET, and why other sites cannot use them. The last two accept no cookies. */
const handlers: Record<string, string> = {
  "app/[owner]/[name]/cover": "tried below",
  "app/api/web/files": "tried below",
  "app/api/web/predictions/[id]": "tried below",
  "app/api/web/uploads": "tried below",
  "app/api/web/uploads/[id]": "tried below",
  "app/api/auth/[...nextauth]": "tried below, and in http.spec.ts",
  "app/hooks/[secret]": "takes what anybody sends, and knows no cookie",
  "app/v1/[[...path]]": "a bearer token is sent by programs and never by a browser on its own",
}

/** These redirect whatever the outcome, so the test checks that nothing has changed. */
const leadingOn = new Set([
  "arrangeAction",
  "declineTransferAction",
  "deleteCollectionAction",
  "revokeTokenAction",
  "sendAgainAction",
  "signOutAction",
])

const refusal = "came from another site"
const folder = (file: string) => path.dirname(file)

/** All rows of an instance by table, without last-used times. */
function rowsOf(data: string): Record<string, string> {
  const db = new Database(path.join(data, "understudy.db"), { readonly: true })
  const tables = db
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not in ('rate_limits', 'jobs', 'runners')",
    )
    .pluck()
    .all() as string[]
  const rows = Object.fromEntries(
    tables.map((table) => [
      table,
      JSON.stringify(db.prepare(`select * from "${table}"`).all()).replaceAll(/"last_(seen|used)_at":"[^"]*"/g, ""),
    ]),
  )
  db.close()
  return rows
}

test("every handler that takes more than GET is in the table", () => {
  const found = readdirSync("app", { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === "route.ts")
    .map(({ parentPath }) => `${parentPath}/route.ts`)
    .filter((file) => /export\s*(?:\{[^}]*|[^\n]*)\b(POST|PUT|PATCH|DELETE)\b/.test(readFileSync(file, "utf8")))
  expect(found.map(folder).sort()).toEqual(Object.keys(handlers).sort())
})

test("every action goes through the check before it does anything", () => {
  const files = new Set(actions().map(([, { filename }]) => filename))
  expect(files.size).toBeGreaterThan(10)
  for (const file of files) {
    const text = readFileSync(file, "utf8")
    for (const [, name, body] of text.matchAll(/^export async function (\w+)\([^]*?\{\n([^]*?)^\}$/gm))
      expect(body, `${name} in ${file}`).toMatch(/\b(runAction|runGuardedAction|save)(<[^(]*>)?\(/)
  }
})

test("no action and no upload does anything for another origin, for none and for null", async ({
  instance,
  playwright,
}) => {
  test.setTimeout(180_000)
  const { origin, data } = await instance()
  const alice = await Account.open(playwright.request, origin, "first")
  const token = await alice.newToken("kept")
  const headers = { authorization: `Bearer ${token}` }
  await alice.request.post("/v1/models", {
    headers,
    data: { owner: "first", name: "kept", visibility: "private", hardware: "cpu" },
  })
  // Created on first use, which includes opening its page.
  await alice.request.get("/v1/webhooks/default/secret", { headers })
  const cookie = (await alice.request.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join("; ")

  // Plausible form values, so that an action without the check would do something.
  const fields: Record<string, string> = {
    model: "first/kept",
    owner: "first",
    name: "changed",
    username: "first",
    organization: "",
    change: "promote",
    sku: "cpu",
    id: "1",
    slug: "made",
    was: "made",
    to: "second",
    readme: "changed",
    description: "changed",
    visibility: "public",
    hardware: "cpu",
    confirm: "kept",
    confirmation: "first",
    password: "another horse battery",
    current: alice.password,
    scopes: "read",
    handle: "0".repeat(16),
    email: "a@example.com",
    usd_per_second: "9",
    open: "yes",
    gpus: "1",
    SIGNUP: "closed",
    MODELS_PER_ACCOUNT: "1",
    answer: "accept",
    role: "owner",
    days: "3",
    secret: "x".repeat(32),
    github_url: "",
  }
  const send = async (id: string, page: string, from: string | null) => {
    const form = new FormData()
    // React's own encoding of arguments: the same form twice, whether the action takes it first or second.
    for (const [name, value] of Object.entries(fields)) form.set(`1_${name}`, value)
    form.set("0", JSON.stringify(["$K1", "$K1"]))
    const answer = await fetch(origin + page, {
      method: "POST",
      body: form,
      redirect: "manual",
      headers: { cookie, "next-action": id, accept: "text/x-component", ...(from !== null && { origin: from }) },
    })
    return { status: answer.status, text: await answer.text(), cookies: answer.headers.getSetCookie() }
  }
  const pageOf = ({ workers }: Action) =>
    Object.keys(workers)[0]!
      .replace(/^app/, "")
      .replace(/\/page$/, "")
      .replace("/_not-found", "/nothing-here")
      .replace("[owner]", "first")
      .replace("[name]", "kept")
      .replace("[id]", "0".repeat(64))
      .replace("[slug]", "made")
      .replace("[secret]", "x".repeat(32)) || "/"

  const everything = () => rowsOf(data)
  const before = everything()
  for (const [id, action] of actions())
    for (const from of ["https://evil.example", `${origin}.evil.example`, "http://127.0.0.1:1", "null", null]) {
      const { status, text, cookies } = await send(id, pageOf(action), from)
      const said = `${action.exportedName} from ${from}`
      expect(cookies, said).toEqual([])
      if (!leadingOn.has(action.exportedName))
        expect(status >= 500 || text.includes(refusal), `${said}: ${status} ${text.slice(0, 300)}`).toBe(true)
    }
  for (const from of ["https://evil.example", "null", null]) {
    const body = new FormData()
    body.set("cover", new Blob(["no picture"]), "cover.png")
    const cover = await fetch(`${origin}/first/kept/cover`, {
      method: "POST",
      body,
      headers: { cookie, accept: "application/json", ...(from !== null && { origin: from }) },
    })
    expect(await cover.text()).toContain(refusal)
    const file = await fetch(`${origin}/api/web/files?filename=a.txt`, {
      method: "POST",
      body: "content",
      headers: { cookie, ...(from !== null && { origin: from }) },
    })
    expect(await file.text()).toContain(refusal)
    const id = "0".repeat(26)
    for (const [method, path] of [
      ["POST", ""],
      ["PATCH", `/${id}?start=0`],
      ["POST", `/${id}`],
      ["DELETE", `/${id}`],
    ] as const) {
      const upload = await fetch(`${origin}/api/web/uploads${path}`, {
        method,
        body: method === "DELETE" ? undefined : "{}",
        headers: { cookie, ...(from !== null && { origin: from }) },
      })
      expect(await upload.text(), `${method} ${path}`).toContain(refusal)
    }
    const prediction = await fetch(`${origin}/api/web/predictions/${"0".repeat(26)}`, {
      method: "DELETE",
      headers: { cookie, ...(from !== null && { origin: from }) },
    })
    expect(await prediction.text()).toContain(refusal)
    for (const route of ["signout", "signin/credentials", "callback/credentials", "_log"])
      expect(
        (
          await fetch(`${origin}/api/auth/${route}`, {
            method: "POST",
            headers: { cookie, ...(from !== null && { origin: from }) },
            redirect: "manual",
          })
        ).status,
        route,
      ).toBe(403)
  }
  expect(everything()).toEqual(before)

  // From our own pages they work, so they were rejected because of the origin. Those that end the session come last.
  const last = [
    "changePasswordAction",
    "deleteAccountAction",
    "signOutAction",
    "signInAction",
    "signUpAction",
    "endSessionsAction",
  ]
  for (const [id, action] of actions().sort(
    ([, a], [, b]) => last.indexOf(a.exportedName) - last.indexOf(b.exportedName),
  )) {
    if (last.includes(action.exportedName)) continue
    const { status, text } = await send(id, pageOf(action), origin)
    expect(status < 500 && !text.includes(refusal), `${action.exportedName}: ${status} ${text.slice(0, 300)}`).toBe(
      true,
    )
  }
  expect(everything()).not.toEqual(before)
  await alice.request.dispose()
})

/** Other URLs that are read with GET, besides pages. Predictions and files in them do not exist. */
const readable = [
  "/predictions/export",
  `/batches/${"0".repeat(26)}/results`,
  "/deployments/first/kept/export",
  "/api/web/model-name?owner=first&name=kept",
  "/api/web/deployment-name?owner=first&name=kept",
  "/api/web/suggestions?query=kept",
  `/api/web/predictions/${"0".repeat(26)}`,
  `/api/web/uploads/${"0".repeat(26)}`,
  `/hooks/${"x".repeat(32)}`,
  "/api/auth/session",
  "/api/auth/csrf",
  "/api/auth/signout",
  "/explore.json",
  "/first/kept.json",
  "/first.md",
  "/sitemap.xml",
]

test("nothing that is only read changes anything, apart from what leaves a trace on purpose", async ({
  instance,
  playwright,
}) => {
  test.setTimeout(180_000)
  const { origin, data } = await instance()
  const alice = await Account.open(playwright.request, origin, "first")
  await alice.createModel({ name: "kept", visibility: "private" })
  const get = (address: string) => alice.request.get(address, { maxRedirects: 0, timeout: 60_000 })
  const secrets = () => JSON.parse(rowsOf(data).webhook_secrets ?? "[]").length as number
  const none = secrets()
  await get("/account/webhooks")
  await get("/organizations/first/webhooks")
  expect(secrets() - none).toBeLessThanOrEqual(1)

  const before = rowsOf(data)
  const filled = Object.keys(pages).map((pattern) =>
    pattern
      .replace("[owner]", "first")
      .replace("[name]", "kept")
      .replace("[id]", "0".repeat(64))
      .replace("[slug]", "made")
      .replace("[secret]", "x".repeat(32)),
  )
  for (const address of [...filled, ...readable]) expect((await get(address)).status(), address).toBeLessThan(500)
  expect(rowsOf(data)).toEqual(before)

  expect((await get("/account/export")).status()).toBe(200)
  const { events, ...rest } = rowsOf(data)
  const { events: earlier, ...restBefore } = before
  expect(rest).toEqual(restBefore)
  expect(JSON.parse(events!).length).toBe(JSON.parse(earlier!).length + 1)
  await alice.request.dispose()
})
