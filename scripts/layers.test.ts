import { globSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"

import { importsOf } from "./imports.mjs"

const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith("lib/test/")
const files = globSync("{app,components,lib,db,server}/**/*.{ts,tsx,mjs}").filter((file) => !isTest(file))

/** Every file with our own files that it imports, including types. */
const imports = new Map(files.map((file) => [file, importsOf(file)]))

/** Pairs of files in which the first imports the second from a later or unlisted layer. */
const upward = (order: string[], layerOf: (file: string) => string | undefined): string[] =>
  [...imports].flatMap(([file, imported]) => {
    const own = layerOf(file)
    if (own === undefined || !order.includes(own)) return []
    return imported.flatMap((one) => {
      const other = layerOf(one)
      return other === undefined || order.indexOf(other) <= order.indexOf(own) ? [] : [`${file} -> ${one}`]
    })
  })

test("app imports components, components lib, lib db, and none the other way round", () => {
  const layers = ["db", "lib", "components", "app"]
  expect(upward(layers, (file) => layers.find((layer) => file.startsWith(`${layer}/`)))).toEqual([])
})

const listed = [
  ...readFileSync("docs/architecture.md", "utf8")
    .split("## Folders of lib/")[1]!
    .split("\n## ")[0]!
    .matchAll(/^\| `([^`]+)` \|/gm),
].map(([, name]) => name!)

/** The row of a file of lib/: that of its folder, or its own, or the one of all other files. */
function rowOf(file: string): string | undefined {
  if (!file.startsWith("lib/")) return undefined
  const [first, ...rest] = file.slice("lib/".length).split("/")
  if (rest.length > 0) return `${first}/`
  return listed.includes(first!) ? first : "*.ts"
}

test("docs/architecture.md lists every folder of lib once, and none that is not there", () => {
  const there = new Set(files.flatMap((file) => rowOf(file) ?? []))
  expect(listed.toSorted()).toEqual([...there].toSorted())
})

test("no folder of lib imports one that stands after it there", () => {
  expect(upward(listed, rowOf)).toEqual([])
})

/** Rows that another noun changes, and why. */
const changedByOthers: Record<string, string> = {
  "settings auth/": "the secret that all servers share is a row of its own, and lib/settings/ stands after lib/auth/",
}

/** The tables that a file imports, by the names that it gives them. */
function tablesIn(text: string): Map<string, string> {
  const [, imported = ""] = /^import \{([^}]+)\} from "@\/db\/schema"/m.exec(text) ?? []
  return new Map([...imported.matchAll(/(\w+)(?: as (\w+))?/g)].map(([, name, own = name]) => [own!, name!]))
}

test("only the noun itself changes its rows", () => {
  const changing = new Map<string, Set<string>>()
  for (const file of files) {
    const [text, folder] = [readFileSync(file, "utf8"), rowOf(file)]
    const tables = tablesIn(text)
    for (const [, name] of text.matchAll(/\.(?:insert|update|delete)\((\w+)\)/g)) {
      const table = tables.get(name!)
      if (!table || !folder || `${table} ${folder}` in changedByOthers) continue
      changing.set(table, (changing.get(table) ?? new Set()).add(folder))
    }
  }
  expect(changing.size).toBeGreaterThan(30)
  expect([...changing].filter(([, folders]) => folders.size > 1)).toEqual([])
})

test("runners and engines read no database: of db they import how files are written and where, only", () => {
  const isRunner = (file: string) => /^lib\/(runner|engines)\//.test(file)
  const imported = [...imports].flatMap(([file, names]) => (isRunner(file) ? names : []))
  expect(new Set(imported.filter((name) => name.startsWith("db/")))).toEqual(
    new Set(["db/atomic-file.ts", "db/data-folder.ts"]),
  )
})

test("every job is started, because a forgotten one would fill the disk unseen", () => {
  const list = (file: string, name: string) =>
    new RegExp(`const ${name}: Job\\[\\] = \\[([^\\]]*)\\]`).exec(readFileSync(file, "utf8"))![1]!
  const started = list("lib/start.ts", "jobs") + list("lib/hub/hub.ts", "hubJobs")
  const names = started.match(/\w+/g)!
  const jobs = files
    .filter((file) => file.startsWith("lib/"))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^(?:export )?const (\w+): Job = /gm)])
    .map(([, name]) => name!)
  expect(jobs.length).toBeGreaterThan(20)
  expect(jobs.filter((name) => !names.includes(name))).toEqual([])
})
