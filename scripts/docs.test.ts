import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"

import { buildApi } from "@/app/v1/api"
import { readEnv, variableNames } from "@/env"

const text = (file: string) => readFileSync(file, "utf8")

/** What each variable is when nobody sets it, as people would write it. */
const defaults = Object.fromEntries(Object.entries(readEnv({})).map(([name, value]) => [name, String(value ?? "")]))

/** Every variable with what a document says its default is. */
const inReadme = matches(text("README.md"), /^\| `([A-Z0-9_]+)` \| (?:`(.*?)`|–) \|/gm)
const inExample = matches(text(".env.example"), /^# ([A-Z0-9_]+)=(.*)$/gm)

function matches(document: string, pattern: RegExp): [name: string, value: string][] {
  return [...document.matchAll(pattern)].map(([, name, value]) => [name!, value ?? ""])
}

describe.each([
  ["the table in README.md", inReadme],
  [".env.example", inExample],
] as const)("%s", (_, variables) => {
  test("names every variable once, in the order of env.ts, and none that does not exist", () => {
    expect(variables.map(([name]) => name)).toEqual(variableNames)
  })

  test("gives each its true default", () => {
    for (const [name, value] of variables) expect(`${name}=${value}`).toBe(`${name}=${defaults[name] ?? ""}`)
  })
})

test("every variable of .env.example stands below a comment of one line", () => {
  for (const [name] of inExample) expect(text(".env.example")).toMatch(new RegExp(`\\n\\n# .*[.:].*\\n# ${name}=`))
})

describe("docs/api.md", () => {
  const documented = [...text("docs/api.md").matchAll(/^### `([A-Z]+) (\/v1\S*)`$/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )

  test("has a section for every route of the API", async () => {
    const api = await buildApi()
    const { paths } = (await api.inject("/v1/openapi.json")).json() as {
      paths: Record<string, Record<string, unknown>>
    }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(routes).toContain("POST /v1/models")
    expect(routes.filter((route) => !documented.includes(route))).toEqual([])
    await api.close()
  })

  test("has one section for each", () => {
    expect(documented).toEqual([...new Set(documented)])
  })

  test("has no section for a route that does not exist", async () => {
    const api = await buildApi()
    const gone = documented.filter((route) => {
      const [method, path] = route.split(" ") as [string, string]
      return !api.hasRoute({ method: method as "GET", url: path.replace(/\{(\w+)\}/g, ":$1") })
    })
    expect(gone).toEqual([])
    await api.close()
  })
})

test.each([
  "README.md",
  "CHANGELOG.md",
  "docs/api.md",
  "docs/operating.md",
  "docs/performance.md",
  "docs/push.md",
  "docs/running.md",
  "docs/scaling.md",
  "docs/security.md",
  "docs/decisions.md",
])("every link of %s to a file leads to one", (file) => {
  const folder = file.includes("/") ? "docs/" : ""
  const links = [...text(file).matchAll(/(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!)
  for (const link of links) expect(() => text(folder + link), link).not.toThrow()
})

test("every picture of README.md is there, in light and in dark, and is used", () => {
  const pictures = [...text("README.md").matchAll(/src(?:set)?="(docs\/[^"]+)"/g)].map(([, file]) => file!)
  expect(pictures.toSorted()).toEqual(
    readdirSync("docs")
      .filter((name) => name.endsWith(".png"))
      .map((name) => `docs/${name}`)
      .toSorted(),
  )
  for (const file of pictures)
    expect(pictures).toContain(file.replace(/-(light|dark)/, (_, theme) => (theme === "light" ? "-dark" : "-light")))
})
