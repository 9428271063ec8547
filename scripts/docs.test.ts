import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"

import { buildApi } from "@/app/v1/api"
import { readEnv, variableNames } from "@/env"

const text = (file: string) => readFileSync(file, "utf8")

/** The default of each variable, as it would be written in a file. */
const defaults = Object.fromEntries(Object.entries(readEnv({})).map(([name, value]) => [name, String(value ?? "")]))

/** Every variable with its default according to the document. */
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

describe("README.md", () => {
  const readme = text("README.md")

  test("lists every command of the command line once, with its arguments, and none that does not exist", async () => {
    const { commands } = await import("./commands")
    const section = readme.split("## Command line")[1]!.split("\n## ")[0]!
    expect([...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, call]) => call)).toEqual(
      Object.entries(commands).map(([name, { takes = [], options = {} }]) => {
        const required = Object.entries(options).filter(([, option]) => option.required)
        return [name, ...takes, ...required.map(([flag, { value }]) => `--${flag} ${value}`)].join(" ")
      }),
    )
  })

  test("explains every script of package.json", () => {
    const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> }
    const calls = Object.keys(scripts).map((name) => `npm ${["start", "test"].includes(name) ? "" : "run "}${name}`)
    expect(calls.filter((call) => !readme.includes(call) && call !== "npm run cli")).toEqual([])
  })

  test("has a tree of every folder, and of nothing that is not there", () => {
    const tree = readme.split("## Development")[1]!.split("```")[1]!
    const listed = [...tree.matchAll(/^(\S+) {2,}\S/gm)].map(([, entry]) => entry!)
    expect(listed.filter((entry) => !existsSync(entry))).toEqual([])
    const ignored = text(".gitignore").split("\n")
    const folders = readdirSync(".", { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => `${name}/`)
      .filter((folder) => !ignored.includes(folder))
    expect(folders.filter((folder) => !listed.includes(folder))).toEqual([])
  })
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

test("docs/running.md explains messages that there are", () => {
  const sources = readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => text(`lib/${name}`))
    .join("\n")
  const section = text("docs/running.md").split("## Troubleshooting")[1]!
  const messages = [...section.matchAll(/^\| (`[^|]*`) \|/gm)]
    .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, message]) => message!))
    .filter((message) => message.includes(" "))
  expect(messages.length).toBeGreaterThan(15)
  const parts = messages.flatMap((message) => message.split("…").map((part) => part.trim()))
  expect(parts.filter((part) => !sources.includes(part))).toEqual([])
})

const documents = [...readdirSync("."), ...readdirSync("docs").map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
)

test.each(documents)("every link of %s to a file leads to one", (file) => {
  const folder = file.includes("/") ? "docs/" : ""
  const links = [...text(file).matchAll(/(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!)
  for (const link of links) expect(() => text(folder + link), link).not.toThrow()
})

test("every document can be reached from README.md", () => {
  const reached = new Set(["README.md"])
  for (const file of reached)
    for (const [, link] of text(file).matchAll(/(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+\.md)/g))
      reached.add(path.posix.join(path.posix.dirname(file), link!))
  expect(documents.filter((file) => !reached.has(file))).toEqual([])
})

test("the glossary explains each word once, in its own row", () => {
  const words = [...text("docs/glossary.md").matchAll(/^\| (?!word \||---)([^|]+) \| [^|]+ \|$/gm)].flatMap(([, row]) =>
    row!.split(", "),
  )
  expect(words.length).toBeGreaterThan(50)
  expect(words).toEqual([...new Set(words)])
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

describe("docs/security.md", () => {
  const security = text("docs/security.md")

  test("names the test behind every requirement that it calls done", () => {
    const done = security.split("\n").filter((row) => row.includes("| done |"))
    expect(done).not.toEqual([])
    expect(done.filter((row) => !/\.(?:test|spec|last)\.ts`|`npm run (?:torture|image:check)`/.test(row))).toEqual([])
  })

  test("names no test that does not exist", () => {
    const named = [...security.matchAll(/`([\w./-]+\.(?:test|spec|last)\.ts)`/g)].map(([, file]) => file!)
    expect(named.filter((file) => !existsSync(file))).toEqual([])
  })
})
