import { expect, test } from "@playwright/test"

import { expectIndistinguishable } from "./indistinguishable"
import {
  addressOf as addressIn,
  foldersWith,
  createTargets,
  targets,
  type Target,
  type TargetName,
  type AuthorizationData,
} from "./authorization-targets"

// Every page and route, requested by every principal for every object, on the running server, and compared with the
// tables below, which are written by hand.

let data: AuthorizationData
test.beforeAll(async () => {
  data = await createTargets()
})
const addressOf = (pattern: string, target: TargetName) => addressIn(data, pattern, target)

// — Pages —

const visitors = [
  "anonymous",
  "owner",
  "stranger",
  "organization owner",
  "admin",
  "developer",
  "viewer",
  "removed",
  "administrator",
] as const
type Visitor = (typeof visitors)[number]

/** The result of a page: it is shown, redirects, asks to sign in, or is a 404. */
type Outcome = "shown" | "elsewhere" | "sign in" | "nothing"

const members: readonly string[] = ["organization owner", "admin", "developer", "viewer"]
const makers = new Set<string>(["organization owner", "admin", "developer"])
const keepers: readonly string[] = ["organization owner", "admin"]

const everybody = (): Outcome => "shown"
const people = (visitor: Visitor): Outcome => (visitor === "anonymous" ? "sign in" : "shown")
const only =
  (allowed: readonly string[], outcome: Outcome = "shown") =>
  (visitor: Visitor): Outcome =>
    visitor === "anonymous" ? "sign in" : allowed.includes(visitor) ? outcome : "nothing"
const strangersOnly = (visitor: Visitor): Outcome => (visitor === "anonymous" ? "shown" : "elsewhere")
const nobody = (): Outcome => "nothing"
/** A request to sign in would tell a visitor that there is something to see. */
const curators = (visitor: Visitor): Outcome => (visitor === "administrator" ? "shown" : "nothing")
const seers = (visitor: Visitor, target: TargetName): Outcome => (sees(visitor, target) ? "shown" : "nothing")

const sees = (who: string, target: TargetName) =>
  target === "public" ||
  (target === "private" && who === "owner") ||
  (target === "organization private" && members.includes(who))

/** Whether a signed-in person may change a model. */
const changes = (who: string, target: TargetName) =>
  target === "organization private" ? makers.has(who) : who === "owner" && (target === "public" || target === "private")
const changers = (visitor: Visitor, target: TargetName): Outcome => (changes(visitor, target) ? "shown" : "nothing")

/** `wordless`: a file without text. */
type PageRow = {
  may: (visitor: Visitor, target: TargetName) => Outcome
  mark?: keyof AuthorizationData["marks"]
  wordless?: true
}

/** One row for every page.tsx, route.ts and image of app/, by folder. A page without a row fails the test. */
const pages: Record<string, PageRow> = {
  "/": { may: everybody },
  "/[owner]": { may: everybody },
  "/[owner]/[name]": { may: seers },
  "/[owner]/[name]/api": { may: seers },
  "/[owner]/[name]/cover/[file]": { may: seers, wordless: true },
  "/[owner]/[name]/batch": { may: seers },
  "/[owner]/[name]/examples": { may: seers },
  "/[owner]/[name]/playground": { may: seers },
  "/[owner]/[name]/opengraph-image": { may: seers, wordless: true },
  "/[owner]/[name]/settings": { may: changers },
  "/[owner]/[name]/train": { may: seers },
  "/[owner]/[name]/versions": { may: seers },
  "/[owner]/[name]/versions/[id]": { may: seers },
  "/[owner]/[name]/versions/[id]/types/[language]": { may: seers, wordless: true },
  "/[owner]/[name]/versions/compare": { may: seers },
  "/account": { may: people },
  "/account/api-tokens": { may: people },
  "/account/delete": { may: people },
  "/account/events": { may: people },
  "/account/export": { may: people },
  "/account/push": { may: people },
  "/account/security": { may: people },
  "/account/transfers": { may: people },
  "/account/webhooks": { may: people },
  "/account/webhooks/sink": { may: people },
  "/admin": { may: only(["administrator"], "elsewhere") },
  "/admin/events": { may: only(["administrator"]) },
  "/admin/hardware": { may: only(["administrator"]) },
  "/admin/models": { may: only(["administrator"]) },
  "/admin/settings": { may: only(["administrator"]) },
  "/admin/users": { may: only(["administrator"]) },
  "/batches": { may: people },
  "/batches/[id]": { may: (visitor) => (visitor === "owner" ? "shown" : "nothing") },
  "/batches/[id]/results": {
    may: (visitor) => (visitor === "anonymous" ? "sign in" : visitor === "owner" ? "shown" : "nothing"),
    wordless: true,
  },
  "/collections": { may: everybody },
  "/collections/[slug]": { may: everybody },
  "/collections/[slug]/edit": { may: curators },
  "/collections/new": { may: curators },
  "/create": { may: people },
  "/deployments": { may: people },
  "/deployments/[owner]/[name]": { may: only(["owner"]) },
  "/deployments/[owner]/[name]/export": { may: only(["owner"]), wordless: true },
  "/deployments/[owner]/[name]/releases": { may: only(["owner"]) },
  "/deployments/[owner]/[name]/settings": { may: only(["owner"]) },
  "/deployments/create": { may: people },
  "/docs/api": { may: everybody },
  "/explore": { may: everybody },
  "/invitations/[secret]": { may: people },
  "/organizations": { may: people },
  "/organizations/create": { may: people },
  "/organizations/[name]": { may: () => "elsewhere" },
  "/organizations/[name]/events": { may: only(keepers), mark: "events" },
  "/organizations/[name]/members": { may: only(members), mark: "members" },
  "/organizations/[name]/settings": { may: only(keepers) },
  "/organizations/[name]/tokens": { may: only(keepers), mark: "tokens" },
  "/organizations/[name]/webhooks": { may: only(keepers) },
  "/p/[id]": { may: (visitor) => (visitor === "owner" ? "shown" : "nothing"), mark: "prediction" },
  "/predictions": { may: people },
  "/predictions/compare": { may: everybody },
  "/predictions/export": { may: people },
  "/pricing": { may: everybody },
  "/signin": { may: strangersOnly },
  // A visitor who has not passed the first step is sent back to it.
  "/signin/code": { may: (visitor) => (visitor === "anonymous" ? "sign in" : "elsewhere") },
  "/signin/reset/[secret]": { may: nobody },
  "/signup": { may: strangersOnly },
  "/trainings": { may: people },
  "/trainings/[id]": { may: (visitor) => (visitor === "owner" ? "shown" : "nothing"), mark: "prediction" },
}

/** Routes for programs, tested elsewhere: next-auth's own routes, a JSON response, and the API below. */
const notPages = [
  "/[owner]/[name]/cover",
  "/api/auth/[...nextauth]",
  "/api/web/files",
  "/api/web/deployment-name",
  "/api/web/deployment-traffic",
  "/api/web/model-name",
  "/api/web/predictions/[id]",
  "/api/web/pictures",
  "/api/web/pushes/[owner]/[name]",
  "/api/web/suggestions",
  "/api/web/uploads",
  "/api/web/uploads/[id]",
  "/hooks/[secret]",
  "/v1/[[...path]]",
]

/** How a page is requested: as a document, and in the two ways in which Next's scripts fetch the target of a link. */
const transports: Record<string, Record<string, string>> = {
  document: {},
  navigation: { rsc: "1" },
  prefetch: { rsc: "1", "next-router-prefetch": "1" },
}

test("every page has a row in the table, and every row a page", () => {
  expect([...Object.keys(pages), ...notPages].sort()).toEqual(
    [
      ...foldersWith(/^(page\.tsx|route\.ts)$/),
      ...foldersWith(/^opengraph-image\.tsx$/).map((folder) => `${folder}/opengraph-image`),
    ].sort(),
  )
})

for (const [pattern, row] of Object.entries(pages)) {
  const aboutModels = pattern.startsWith("/[owner]/[name]")
  for (const target of aboutModels ? targets : (["public"] as const)) {
    test(`${pattern}${aboutModels ? `, ${target}` : ""}: who sees it, in every transport`, async ({ baseURL }) => {
      for (const visitor of visitors) {
        const expected = row.may(visitor, target)
        for (const [transport, headers] of Object.entries(transports)) {
          const { outcome, text } = await visit(baseURL! + addressOf(pattern, target), visitor, headers)
          const said = `${visitor}, ${transport}`
          if (transport === "document") expect(`${said}: ${outcome}`).toBe(`${said}: ${expected}`)
          else if (expected !== "shown") expect(`${said}: ${outcome}`).not.toBe(`${said}: failed`)
          // Its title reveals no more than the rest of the page.
          if (outcome === "nothing" && transport === "document" && !row.wordless)
            expect(text, said).toContain("<title>Not found")
          const secret = aboutModels ? data.targets[target]!.marker : row.mark ? data.marks[row.mark] : ""
          if (secret && expected !== "shown")
            expect(text.includes(secret), `${said} reads what is not theirs`).toBe(false)
          if (secret && expected === "shown" && transport === "document" && !row.wordless)
            expect(text.includes(secret), `${said} misses what is theirs`).toBe(true)
          // On any page, a model's description is shown only to people who may see that model.
          for (const other of ["private", "organization private"] as const)
            if (!sees(visitor, other))
              expect(text.includes(data.targets[other]!.marker), `${said} reads of the ${other} model`).toBe(false)
        }
      }
    })
  }
}

test("what may not be seen looks exactly like what never was", async ({ baseURL }) => {
  const pageOf = async (visitor: Visitor, target: TargetName) =>
    bare((await visit(baseURL + addressOf("/[owner]/[name]", target), visitor, {})).text, target)
  for (const visitor of ["anonymous", "stranger", "removed", "administrator"] as const)
    for (let n = 0; n < 3; n++)
      await expectIndistinguishable(
        visitor,
        () => pageOf(visitor, "organization private"),
        () => pageOf(visitor, "never existed"),
      )
})

test("the alternates of pages for programs show what a visitor may see, whoever asks", async ({ baseURL }) => {
  for (const visitor of visitors)
    for (const form of ["md", "json"]) {
      for (const target of targets) {
        const { outcome, text } = await visit(`${baseURL}${addressOf("/[owner]/[name]", target)}.${form}`, visitor, {})
        expect(`${visitor}, ${target}.${form}: ${outcome}`).toBe(
          `${visitor}, ${target}.${form}: ${target === "public" ? "shown" : "nothing"}`,
        )
        if (target === "public") expect(text).toContain(data.targets.public!.marker)
      }
      for (const page of [
        "/index",
        "/explore",
        "/pricing",
        "/collections",
        `/collections/${data.collection}`,
        `/${data.targets.private!.owner}`,
        `/${data.organization}`,
      ]) {
        const { outcome, text } = await visit(`${baseURL}${page}.${form}`, visitor, {})
        expect(`${visitor}, ${page}.${form}: ${outcome}`).toBe(`${visitor}, ${page}.${form}: shown`)
        for (const hidden of ["private", "organization private"] as const)
          expect(text, `${visitor}, ${page}.${form}`).not.toContain(data.targets[hidden]!.marker)
      }
    }
})

test("what is offered while a name is typed holds nothing that may not be seen", async ({ baseURL }) => {
  for (const visitor of visitors)
    for (const target of targets) {
      const { owner, name } = data.targets[target]!
      const asked = `${baseURL}/api/web/suggestions?${new URLSearchParams({ q: `${owner}/${name}` })}`
      const offered = (await (
        await fetch(asked, { headers: { cookie: data.principals[visitor]?.cookie ?? "" } })
      ).json()) as { owner: string; name: string }[]
      const found = offered.some((model) => model.owner === owner && model.name === name)
      expect(`${visitor}, ${target}: ${found}`).toBe(`${visitor}, ${target}: ${sees(visitor, target)}`)
    }
})

test("the stream of a push is for who may change the model", async ({ baseURL }) => {
  for (const visitor of visitors)
    for (const target of targets) {
      const { owner, name } = data.targets[target]!
      const leave = new AbortController()
      const answer = await fetch(`${baseURL}/api/web/pushes/${owner}/${name}`, {
        signal: leave.signal,
        headers: { cookie: data.principals[visitor]?.cookie ?? "" },
      })
      leave.abort()
      const expected =
        visitor === "anonymous" ? 401 : changes(visitor, target) ? 200 : sees(visitor, target) ? 403 : 404
      expect(`${visitor}, ${target}: ${answer.status}`).toBe(`${visitor}, ${target}: ${expected}`)
    }
})

test("a cover is taken from who may change the model, and everybody else is told what others are told", async ({
  baseURL,
}) => {
  for (const visitor of visitors)
    for (const target of targets) {
      const { owner, name } = data.targets[target]!
      const headers = { accept: "application/json", origin: baseURL!, cookie: data.principals[visitor]?.cookie ?? "" }
      const body = new FormData()
      body.set("cover", new Blob(["no picture"]), "cover.png")
      const { detail } = (await (
        await fetch(`${baseURL}/${owner}/${name}/cover`, { method: "POST", headers, body })
      ).json()) as { detail: string }
      const expected =
        visitor === "anonymous"
          ? /signed out/
          : changes(visitor, target)
            ? /picture|image/i
            : sees(visitor, target)
              ? /^Only \S+ can change/
              : /could not be found/
      expect(detail, `${visitor}, ${target}`).toMatch(expected)
    }
})

test("a bearer token opens no page, and a session no route of the API", async ({ baseURL }) => {
  const { owner } = data.principals
  const page = await fetch(`${baseURL}${addressOf("/[owner]/[name]", "private")}`, {
    headers: { authorization: `Bearer ${owner!.token}` },
  })
  expect(page.status).toBe(404)
  const route = await fetch(`${baseURL}/v1/account`, { headers: { cookie: owner!.cookie } })
  expect(route.status).toBe(401)
})

// — The API —

const callers = [
  "anonymous",
  "owner",
  "stranger",
  "organization owner",
  "admin",
  "developer",
  "viewer",
  "removed",
  "administrator",
  "read-only",
  "revoked",
  "expired",
  "organization",
  "removed maker's",
] as const
type Caller = (typeof callers)[number]

const nobodyAtAll = new Set<string>(["anonymous", "revoked", "expired", "removed maker's"])
/**
 * A token acts for one account: members' personal tokens see nothing of the organization, its own token sees
 * everything.
 */
const reads = (caller: Caller, target: TargetName) =>
  target === "public" ||
  (target === "private" && ["owner", "read-only"].includes(caller)) ||
  (target === "organization private" && caller === "organization")
const owns = (caller: Caller, target: TargetName) =>
  target === "organization private"
    ? caller === "organization"
    : caller === "owner" && (target === "public" || target === "private")

const anyone = (): number => 200
const readers =
  (found = 200) =>
  (caller: Caller, target: TargetName): number =>
    reads(caller, target) ? found : 404
/** `done` is the owner's status; a read-only token is rejected before anything is looked up. */
const owners =
  (done: number) =>
  (caller: Caller, target: TargetName): number =>
    caller === "read-only" ? 403 : owns(caller, target) ? done : reads(caller, target) ? 403 : 404

/** For objects that nobody has, or requests without any fields. */
const writers =
  (done: number) =>
  (caller: Caller): number =>
    caller === "read-only" ? 403 : done
/** For objects that only the owner has. */
const ownersAlone =
  (done: number) =>
  (caller: Caller): number =>
    caller === "read-only" ? 403 : caller === "owner" ? done : 404

/** `open`: the status without a token, and so with any. */
type RouteRow = {
  open?: number
  may: (caller: Caller, target: TargetName) => number
  about?: "models"
  body?: (target: Target) => unknown
}

/** One row for every route of /v1, by method and path. Authorized requests are made in a way that changes nothing. */
const routes: Record<string, RouteRow> = {
  "GET /v1/account": { may: anyone },
  "GET /v1/account/events": { may: anyone },
  "GET /v1/account/models": { may: anyone },
  "GET /v1/collections": { may: anyone },
  "GET /v1/collections/{slug}": { may: () => 404 },
  "GET /v1/hardware": { may: anyone },
  "GET /v1/models": { may: anyone },
  "QUERY /v1/models": { may: anyone },
  "GET /v1/search": { open: 200, may: anyone },
  "GET /v1/webhooks/default/secret": { may: anyone },
  // Without a body, each tells authorized callers what is missing.
  "POST /v1/predictions": { may: writers(422), body: () => ({}) },
  "GET /v1/predictions": { may: anyone },
  // A cancelled prediction of the owner, which stays unchanged.
  "GET /v1/predictions/{id}": { may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404) },
  "POST /v1/predictions/{id}/cancel": { may: ownersAlone(200) },
  "PATCH /v1/predictions/{id}": { may: ownersAlone(200), body: () => ({ kept: false }) },
  "DELETE /v1/predictions/{id}": { may: writers(404) },
  // A deployment of the owner, of a private model, without instances.
  "POST /v1/deployments": { may: writers(400), body: () => ({}) },
  "GET /v1/deployments": { may: anyone },
  "GET /v1/deployments/{owner}/{name}": { may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404) },
  "PATCH /v1/deployments/{owner}/{name}": { may: ownersAlone(200), body: () => ({}) },
  "DELETE /v1/deployments/{owner}/{name}": { may: writers(404) },
  "GET /v1/deployments/{owner}/{name}/metrics": {
    may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404),
  },
  "GET /v1/deployments/{owner}/{name}/releases": {
    may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404),
  },
  "POST /v1/deployments/{owner}/{name}/rollback": { may: ownersAlone(400), body: () => ({ release: 1000 }) },
  "POST /v1/deployments/{owner}/{name}/disable": { may: ownersAlone(200) },
  "POST /v1/deployments/{owner}/{name}/enable": { may: ownersAlone(200) },
  "POST /v1/deployments/{owner}/{name}/warm": { may: ownersAlone(400), body: () => ({ instances: 20 }) },
  "POST /v1/deployments/{owner}/{name}/predictions": { may: ownersAlone(422), body: () => ({ nonsense: 1 }) },
  "POST /v1/models/{owner}/{name}/versions/{id}/trainings": {
    about: "models",
    may: (caller, target) => (caller === "read-only" ? 403 : reads(caller, target) ? 422 : 404),
    body: () => ({ nonsense: 1 }),
  },
  "POST /v1/batches": { may: writers(400), body: () => ({}) },
  "POST /v1/batches/estimate": { may: writers(400), body: () => ({}) },
  "GET /v1/batches": { may: anyone },
  "GET /v1/batches/{id}": { may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404) },
  "GET /v1/batches/{id}/results": { may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404) },
  "POST /v1/batches/{id}/cancel": { may: ownersAlone(200) },
  // No other version has an example.
  "POST /v1/models/{owner}/{name}/versions/{id}/trials": {
    about: "models",
    may: (caller, target) => (caller === "read-only" ? 403 : reads(caller, target) ? 400 : 404),
    body: () => ({ of: "examples" }),
  },
  "GET /v1/trainings": { may: anyone },
  "GET /v1/trainings/{id}": { may: (caller) => (["owner", "read-only"].includes(caller) ? 200 : 404) },
  "POST /v1/trainings/{id}/cancel": { may: ownersAlone(200) },
  "POST /v1/files": { may: writers(400), body: () => ({}) },
  "GET /v1/files": { may: anyone },
  "GET /v1/files/{file_id}": { may: () => 404 },
  "DELETE /v1/files/{file_id}": { may: writers(404) },
  // These have their own secret in the URL.
  "GET /v1/files/{file_id}/download": { open: 400, may: anyone },
  "GET /v1/files/{secret}/stream": { open: 404, may: anyone },
  "GET /v1/streams/{secret}": { open: 404, may: anyone },
  "POST /v1/models/{owner}/{name}/predictions": {
    about: "models",
    may: (caller, target) => (caller === "read-only" ? 403 : reads(caller, target) ? 422 : 404),
    body: () => ({ nonsense: 1 }),
  },
  // The prediction belongs to the owner and did not succeed.
  "POST /v1/models/{owner}/{name}/examples": {
    about: "models",
    may: (caller, target) => (owns(caller, target) && caller !== "owner" ? 404 : owners(400)(caller, target)),
    body: () => ({ prediction: data.prediction }),
  },
  "PATCH /v1/models/{owner}/{name}/examples": { about: "models", may: owners(200), body: () => ({ order: [] }) },
  "DELETE /v1/models/{owner}/{name}/examples/{id}": { about: "models", may: owners(404) },
  // Hardware that does not exist: people who may create get that error, and nothing is created.
  "POST /v1/models": {
    about: "models",
    may: (caller, target) =>
      caller !== "read-only" &&
      owns(caller, target === "deleted" || target === "never existed" ? "organization private" : target)
        ? 400
        : 403,
    body: ({ owner }) => ({ owner, name: "never-created", visibility: "private", hardware: "none" }),
  },
  "GET /v1/models/{owner}/{name}": { about: "models", may: readers() },
  "PATCH /v1/models/{owner}/{name}": { about: "models", may: owners(200), body: () => ({}) },
  // Each of them has a version, which prevents deletion.
  "DELETE /v1/models/{owner}/{name}": { about: "models", may: owners(400) },
  // None of them has a README.
  "GET /v1/models/{owner}/{name}/readme": { about: "models", may: () => 404 },
  "GET /v1/models/{owner}/{name}/examples": { about: "models", may: readers() },
  "GET /v1/models/{owner}/{name}/versions": { about: "models", may: readers() },
  "GET /v1/models/{owner}/{name}/versions/{id}": { about: "models", may: readers() },
  "GET /v1/models/{owner}/{name}/versions/{id}/types/{language}": { about: "models", may: readers() },
  // Versions of a public model cannot be deleted; for private models, the version does not exist.
  "DELETE /v1/models/{owner}/{name}/versions/{id}": {
    about: "models",
    may: (caller, target) => (target === "public" ? owners(400)(caller, target) : caller === "read-only" ? 403 : 404),
  },
  // Only the version of the private model has run.
  "POST /v1/models/{owner}/{name}/versions/{id}/retry": {
    about: "models",
    may: (caller, target) => {
      if (caller === "read-only") return 403
      if (owns(caller, target)) return target === "private" ? 204 : 404
      return reads(caller, target) ? 403 : 404
    },
  },
  "GET /v1/models/{owner}/{name}/aliases": { about: "models", may: readers() },
  "PUT /v1/models/{owner}/{name}/aliases/{alias}": { about: "models", may: owners(400), body: () => ({}) },
  "DELETE /v1/models/{owner}/{name}/aliases/{alias}": {
    about: "models",
    may: (caller, target) =>
      caller === "read-only" ? 403 : reads(caller, target) && !owns(caller, target) ? 403 : 404,
  },
}

test("every route of the API has a row in the table, and every row a route", async ({ baseURL }) => {
  const { paths } = (await (await fetch(`${baseURL}/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(Object.keys(routes).sort()).toEqual([...new Set([...described, "QUERY /v1/models"])].sort())
})

for (const [name, row] of Object.entries(routes)) {
  for (const target of row.about ? targets : (["public"] as const)) {
    test(`${name}${row.about ? `, ${target}` : ""}: what everybody is answered`, async ({ baseURL }) => {
      const [method, path] = name.split(" ") as [string, string]
      const about = data.targets[target]!
      const version = method === "DELETE" && target !== "public" ? "0".repeat(64) : about.version
      const url =
        baseURL +
        path
          // Removing the data of a prediction would change it, so this one does not exist.
          .replace("/predictions/{id}", `/predictions/${method === "DELETE" ? "0".repeat(26) : data.prediction}`)
          .replace(
            "/deployments/{owner}/{name}",
            `/deployments/${data.targets.private!.owner}/${method === "DELETE" ? "not-there" : data.deployment}`,
          )
          .replace("/v1/trainings/{id}", `/v1/trainings/${data.training}`)
          .replace("/v1/batches/{id}", `/v1/batches/${data.batch}`)
          .replace("/examples/{id}", `/examples/${data.prediction}`)
          .replace("{file_id}", "0".repeat(26))
          .replace("{secret}", "0".repeat(64))
          .replace("{owner}", about.owner)
          .replace("{name}", about.name)
          .replace("{id}", version)
          .replace("{alias}", "stable")
          .replace("{language}", "python")
          .replace("{slug}", "no-such-collection")
      const asked = path.endsWith("/search") ? `${url}?query=hotdog` : url
      for (const caller of callers) {
        const token = data.tokens[caller] ?? data.principals[caller]?.token
        const answer = await fetch(asked, {
          method,
          headers: {
            "content-type": "application/json",
            ...(caller !== "anonymous" && { authorization: `Bearer ${token}` }),
          },
          body: row.body ? JSON.stringify(row.body(about)) : undefined,
        })
        const text = await answer.text()
        const expected = row.open ?? (nobodyAtAll.has(caller) ? 401 : row.may(caller, target))
        expect(`${caller}: ${answer.status}`, text).toBe(`${caller}: ${expected}`)
        const visible = row.about ? reads(caller, target) && !nobodyAtAll.has(caller) : false
        if (about.marker && row.about && !visible) expect(text, caller).not.toContain(about.marker)
        for (const hidden of ["private", "organization private"] as const)
          if (!row.about && !reads(caller, hidden)) expect(text, caller).not.toContain(data.targets[hidden]!.marker)
      }
    })
  }
}

test("what a token may not see is answered word for word like what never was", async ({ baseURL }) => {
  for (const caller of ["stranger", "developer", "removed", "administrator"]) {
    const [hidden, never] = await Promise.all(
      (["organization private", "never existed"] as const).map(async (target) => {
        const { owner, name } = data.targets[target]!
        const answer = await fetch(`${baseURL}/v1/models/${owner}/${name}`, {
          headers: { authorization: `Bearer ${data.principals[caller]!.token}` },
        })
        return answer.text()
      }),
    )
    expect(hidden, caller).toBe(never)
  }
})

// — Requests —

async function visit(
  address: string,
  visitor: Visitor,
  headers: Record<string, string>,
): Promise<{ outcome: Outcome | "failed"; text: string }> {
  const cookie = data.principals[visitor]?.cookie
  const answer = await fetch(address, { redirect: "manual", headers: { ...headers, ...(cookie && { cookie }) } })
  const text = await answer.text()
  const to = answer.headers.get("location") ?? ""
  if (answer.status >= 300 && answer.status < 400)
    return { outcome: /^(https?:\/\/[^/]+)?\/signin/.test(to) ? "sign in" : "elsewhere", text }
  return { outcome: answer.status === 200 ? "shown" : answer.status === 404 ? "nothing" : "failed", text }
}

/** A page without the parts that differ between requests: nonces, and the names in its own URL. */
const bare = (text: string, target: TargetName) =>
  text
    .replaceAll(/nonce="[^"]*"/g, "")
    .replaceAll(/"nonce":"[^"]*"|nonce\\":\\"[^"\\]*/g, "")
    .replaceAll(data.targets[target]!.name, "NAME")
