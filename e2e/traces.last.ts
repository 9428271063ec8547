import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { decode } from "next-auth/jwt"

import { makeAdministrator } from "./administrator"
import { expect, test, uniqueName } from "./fixtures"
import { postForm } from "./plain-form"
import { remember, remembered, searchFor, type Secret } from "./secrets"

// The final search: no credential of the whole run is readable in the data folder, in the server's output, or on a
// page.

const data = process.env.E2E_DATA_DIR!
const sealing = () => readFileSync(path.join(data, "auth-secret"), "utf8").trim()

/** Image layers are skipped: they contain what was pushed, and are large. */
const files = () =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => !file.startsWith(path.join(data, "registry")) && path.basename(file) !== "auth-secret")

/** The pattern of a token, for tokens that no test has recorded. */
const tokenLike = /\bus_[0-9A-Za-z]{37}\b/g

async function everySecret(): Promise<Secret[]> {
  const known = remembered()
  // The cookie is sealed; it contains the secret of a session.
  const sessions = await Promise.all(
    known
      .filter(({ what }) => what === "cookie")
      .map(
        async ({ text }) =>
          (await decode({ token: text, secret: sealing() }).catch(() => null))?.secret as string | undefined,
      ),
  )
  return [
    ...known,
    ...sessions.filter((text) => text !== undefined).map((text) => ({ what: "session", text })),
    { what: "the installation's own secret", text: sealing() },
  ]
}

test("no secret of this run stands in the clear in a file, in the log or on a page", async ({
  alice,
  bob,
  request,
  baseURL,
}) => {
  test.setTimeout(180_000)
  // Actions that no other test performs on this server.
  makeAdministrator(alice)
  const handedOut = await (
    await postForm(alice.request, `/admin/users?q=${bob.username}`, `Create password link for ${bob.username}`, {})
  ).text()
  const link = remember("password link", /\/signin\/reset\/([\w-]{20,})/.exec(handedOut)![1]!)
  expect((await request.get(`/signin/reset/${link}`)).status()).toBe(200)

  const secrets = await everySecret()
  const all = (kind: string) => secrets.filter(({ what }) => what === kind)
  for (const what of [
    "password",
    "token",
    "cookie",
    "session",
    "webhook secret",
    "invitation",
    "password link",
    "second factor",
    "recovery code",
    "challenge",
  ])
    expect(all(what).length, `no ${what} was written down`).toBeGreaterThan(0)
  expect(all("session").length).toBeGreaterThan(5)

  // Finding something that is everywhere shows that the search works.
  const canary = { what: "canary", text: await alice.createModel({ name: uniqueName("canary") }) }
  const search = searchFor([...secrets, canary])
  const wrong: string[] = []
  const look = (where: string, bytes: Buffer) => {
    const found = search(bytes)
    for (const { what, text } of found)
      if (what !== "canary") wrong.push(`a ${what} (${text.slice(0, 4)}…) in ${where}`)
    return found.some(({ what }) => what === "canary")
  }

  const pages = [
    "/account",
    "/account/api-tokens",
    "/account/security",
    "/account/events",
    "/account/export",
    "/account/push",
    "/account/transfers",
    "/account/webhooks",
    "/organizations",
    "/create",
    "/admin/users",
    "/admin/events",
  ]
  const people = all("cookie").filter((_, n, { length }) => n % Math.ceil(length / 20) === 0)
  for (const { text } of people)
    for (const page of pages) {
      const answer = await fetch(baseURL + page, {
        headers: { cookie: `understudy.session=${text}` },
        redirect: "manual",
      })
      look(`${page}, ${answer.status}`, Buffer.from(await answer.arrayBuffer()))
    }
  for (const page of ["/", "/explore", "/signin", "/signup", "/pricing", "/docs/api", "/collections", "/sitemap.xml"])
    look(page, await (await request.get(page)).body())
  expect(
    look("the model's page", await (await alice.request.get(`/${alice.username}/${canary.text}`)).body()),
    "the canary on its page",
  ).toBe(true)

  // A line about a request is written shortly after its response.
  await expect
    .poll(() => readFileSync(process.env.E2E_LOG!, "utf8").includes(canary.text), "the canary in the log")
    .toBe(true)
  const log = readFileSync(process.env.E2E_LOG!)
  expect(look("the log", log), "the canary is found in the log").toBe(true)
  expect(log.toString().match(tokenLike) ?? [], "tokens in the log").toEqual([])
  const inFiles = files().map((file) => {
    const bytes = readFileSync(file)
    for (const token of bytes.toString("latin1").match(tokenLike) ?? [])
      wrong.push(`something like a token (${token.slice(0, 6)}…) in ${file}`)
    return look(file, bytes)
  })
  expect(inFiles, "the canary in a file").toContain(true)
  expect(wrong).toEqual([])
})
