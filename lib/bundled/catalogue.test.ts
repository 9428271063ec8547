import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"

import { bundle, catalogue as catalogueOfScripts } from "@/scripts/bundle.mjs"
import { catalogue, findBundle } from "./catalogue"

const source = (name: string, file: string) => path.join("lib/bundled", name, file)

describe.each(catalogue.map((model) => [model.name, model] as const))("%s", (name, model) => {
  test("has a cover, a README with its licences, and packages at exact versions", () => {
    expect(existsSync(source(name, "cover.svg"))).toBe(true)
    expect(model.description.length).toBeLessThanOrEqual(200)
    const readme = readFileSync(source(name, "README.md"), "utf8")
    expect(readme).toContain("\n## Licence\n")
    for (const [dependency, version] of Object.entries(model.packages)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      expect(readme).toContain(`[${dependency}](https://www.npmjs.com/package/${dependency})`)
    }
  })
})

test("the included models make an install at most 60 MB larger, with their packages and bundles", () => {
  const included = catalogue.filter((model) => model.included)
  const folders = new Set(
    included.flatMap(({ packages }) => Object.keys(packages).map((name) => `node_modules/${name}`)),
  )
  const files = [...folders, ...included.map(({ name }) => `.models/${name}`)].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => statSync(path.join(folder, String(name)))),
  )
  // Weights in bundles are links to those in packages.
  const sizes = new Map(files.filter((file) => file.isFile()).map(({ ino, size }) => [ino, size]))
  expect([...sizes.values()].reduce((sum, size) => sum + size, 0) / 1e6).toBeLessThanOrEqual(60)
})

describe.each(catalogue.filter(({ included }) => included).map((model) => [model.name, model] as const))(
  "%s, which is included,",
  (name, model) => {
    test("is made of the packages that are installed, and its README names each with its licence", () => {
      const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"))
      for (const [dependency, version] of Object.entries(model.packages))
        expect(devDependencies[dependency]).toBe(version)
      const { packages, folder } = findBundle(model)!
      const readme = readFileSync(source(name, "README.md"), "utf8")
      for (const { name: dependency, license } of packages)
        expect(readme).toMatch(new RegExp(`\\[${dependency.replace(".", "\\.")}\\]\\(.*\\) +\\| ${license} +\\|`))
      expect(Object.keys(model.packages).toSorted()).toEqual(packages.map((one) => one.name).toSorted())
      const notices = readFileSync(path.join(folder, "LICENSES.txt"), "utf8")
      for (const one of packages) expect(notices).toContain(`${one.name} ${one.version} (${one.license})`)
    })

    test("is the same bundle wherever it is made", async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "bundle-"))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const to = path.join(folder, "deep/down")
      await bundle(
        catalogueOfScripts().find((one) => one.name === name)!,
        { from: process.cwd(), to },
      )
      expect(JSON.parse(readFileSync(path.join(to, "bundle.json"), "utf8")).id).toBe(findBundle(model)!.id)
    })
  },
)
