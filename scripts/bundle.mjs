// Bundles each bundled model into one file: `.models/NAME/model.cjs`, with weights and schema beside it.
import { createHash } from "node:crypto"
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { fingerprintOf } from "./fingerprint.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
export const bundles = join(root, ".models")
const sources = ["lib/bundled", "package-lock.json", "scripts/bundle.mjs"].map((path) => join(root, path))

/**
 * @returns {{ name: string, included: boolean, packages: Record<string, string>, assets: Record<string, string>,
 * node_args: string[] }[]}
 */
export const catalogue = () => JSON.parse(readFileSync(join(root, "lib/bundled/models.json"), "utf8"))

/** A model may start the same file again as a worker thread. */
const entry = `
  import { isMainThread } from "node:worker_threads"
  import { serve } from "../server/server.mjs"
  import * as model from "./model.mjs"
  if (isMainThread) serve(model)
`

/** Bundles the included models if they have changed since the last time. Bundles appear atomically. */
export async function bundleIfStale() {
  const fingerprint = fingerprintOf(sources)
  const record = join(bundles, "built-from")
  if (existsSync(record) && readFileSync(record, "utf8") === fingerprint) return
  const folder = `${bundles}-${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  for (const model of catalogue().filter(({ included }) => included))
    await bundle(model, { from: root, to: join(folder, model.name) })
  writeFileSync(join(folder, "built-from"), fingerprint)
  const old = `${folder}-old`
  try {
    if (existsSync(bundles)) renameSync(bundles, old)
    renameSync(folder, bundles)
  } catch (error) {
    // Another process has just created the same bundle.
    if (!existsSync(record) || readFileSync(record, "utf8") !== fingerprint) throw error
  }
  rmSync(folder, { recursive: true, force: true })
  rmSync(old, { recursive: true, force: true })
}

/**
 * Bundles one model with the packages below `from` into the folder `to`. The ID in its bundle.json is the SHA-256 of
 * everything that runs.
 * @param {ReturnType<typeof catalogue>[number]} model @param {{ from: string, to: string }} where
 */
export async function bundle(model, { from, to }) {
  const { build } = await import("esbuild")
  const source = join(root, "lib/bundled", model.name)
  const { metafile } = await build({
    stdin: {
      contents: entry,
      resolveDir: source,
    },
    absWorkingDir: root,
    nodePaths: [join(from, "node_modules")],
    outfile: join(to, "model.cjs"),
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    // Modules read their own location, which has other names in CommonJS.
    define: {
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
      "import.meta.url": "ownUrl",
    },
    banner: { js: `const ownUrl = require("node:url").pathToFileURL(__filename).href` },
    // TensorFlow.js would load it for HTTP requests, which it never makes here.
    external: ["node-fetch"],
    legalComments: "none",
    logLevel: "error",
    metafile: true,
  })
  for (const [name, path] of Object.entries(model.assets)) linkOrCopy(join(from, "node_modules", path), join(to, name))
  if (existsSync(join(source, "prepare.mjs"))) {
    const { prepare } = await import(pathToFileURL(join(source, "prepare.mjs")).href)
    await prepare(to)
  }

  const { cogSchema } = await import(pathToFileURL(join(root, "lib/bundled/server/cog-schema.mjs")).href)
  const schema = await import(pathToFileURL(join(source, "schema.mjs")).href)
  writeFileSync(join(to, "openapi.json"), JSON.stringify(cogSchema(schema)))
  const id = digestOf(to)

  const packages = packagesOf([
    ...Object.keys(metafile.inputs).map((path) => resolve(root, path)),
    ...[...Object.values(model.assets), ...Object.keys(model.packages)].map((path) => join(from, "node_modules", path)),
  ])
  writeFileSync(join(to, "LICENSES.txt"), packages.map(({ notice }) => notice).join(`\n${"-".repeat(80)}\n\n`))
  const about = packages.map(({ name, version, license }) => ({ name, version, license }))
  writeFileSync(join(to, "bundle.json"), `${JSON.stringify({ name: model.name, id, packages: about }, null, 2)}\n`)
}

/** Weights are large, and in node_modules already. */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to)
  }
}

/** SHA-256 of the names and contents of all files in a folder, in hex. */
function digestOf(folder) {
  const digest = createHash("sha256")
  for (const name of readdirSync(folder).toSorted()) {
    const content = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex")
    digest.update(`${content}  ${name}\n`)
  }
  return digest.digest("hex")
}

/** The packages that files belong to, with the licence texts that must be included. */
function packagesOf(paths) {
  const folders = new Set(paths.map((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean))
  const packages = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .map((file) => readFileSync(join(folder, file), "utf8").trim())
    return { name, version, license, notice: [`${name} ${version} (${license})`, ...texts].join("\n\n") }
  })
  // The packages of an added model can be in either of two places.
  return [...new Map(packages.map((one) => [`${one.name} ${one.version}`, one])).values()]
}

// `node scripts/bundle.mjs NAME FROM TO`: how a running server bundles a model that an administrator adds.
if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === "" && process.argv.length === 5) {
  const [, , name, from, to] = process.argv
  mkdirSync(dirname(to), { recursive: true })
  await bundle(
    catalogue().find((model) => model.name === name),
    { from: resolve(from), to: resolve(to) },
  )
}
