import { spawn } from "node:child_process"
import { cp, mkdtemp, rename, rm } from "node:fs/promises"
import path from "node:path"

import { write } from "@/db"
import { makeFolder } from "@/db/data-folder"
import { env } from "@/env"
import { writeAs } from "@/lib/access/write-as"
import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { log } from "@/lib/log"
import { findAccount } from "@/lib/owners/owner"
import { Problem, problem } from "@/lib/problem"
import { bundledOwner } from "@/lib/versions/bundled"
import { bundleFolder, catalogue, findBundle, findBundledModel, type Bundle, type BundledModel } from "./catalogue"
import { publishBundle } from "./publish"

/** Time-out of npm and the bundler together. */
const patience = 10 * 60_000

/** Every model of the catalogue, with its bundle if it is on this machine. */
export const listBundledModels = (): { model: BundledModel; bundle: Bundle | null }[] =>
  catalogue.map((model) => ({ model, bundle: findBundle(model) }))

/** The progress of adding a model, or why it failed; undefined if none was added since the server started. */
export type Addition = { doing: "downloading" | "bundling" | "publishing" } | { failed: string }

const key = Symbol.for("understudy.bundled.additions")
const slot = globalThis as typeof globalThis & { [key]?: Map<string, Addition> }
const additions = () => (slot[key] ??= new Map())

export const additionOf = (name: string): Addition | undefined => additions().get(name)

/**
 * Adds a model in the background; `additionOf` returns the progress. Throws `missing` to non-administrators, and what
 * `addBundledModel` throws before it downloads.
 */
export function startAddingModel(actor: Actor, name: string): void {
  requireAdministrator(actor)
  addable(name)
  void addBundledModel(name, actor).catch(() => {})
}

/**
 * Downloads the packages of a model that is not included, bundles and publishes it, and deletes the packages. `by` is
 * the administrator, or null on the command line; the caller has authorized it. Throws `missing` for an unknown name,
 * `conflict` if every install includes the model or bundled models are turned off, and `unavailable` if the packages
 * cannot be downloaded.
 */
export async function addBundledModel(name: string, by: Actor | null = null): Promise<Bundle> {
  const model = addable(name)
  const added = adding.get(name) ?? add(model, by).finally(() => adding.delete(name))
  adding.set(name, added)
  return added
}
const adding = new Map<string, Promise<Bundle>>()

function addable(name: string): BundledModel {
  const model = findBundledModel(name)
  if (!model) throw problem("missing", `There is no model ${name} to add. There are: ${names.join(", ")}.`)
  if (model.included) throw problem("conflict", `${name} is included in every install. There is nothing to add.`)
  if (env.RUN_BUNDLED === "off") throw problem("conflict", "RUN_BUNDLED is off, so bundled models are not published.")
  return model
}

const names = catalogue.filter(({ included }) => !included).map(({ name }) => name)

async function add(model: BundledModel, by: Actor | null): Promise<Bundle> {
  const now = (addition: Addition) => additions().set(model.name, addition)
  now({ doing: "downloading" })
  try {
    const bundle = await make(model, now)
    now({ doing: "publishing" })
    // A bundle left here would be published at the next start.
    await recordAddition(bundle, by).catch(async (error: unknown) => {
      await rm(bundleFolder(model), { recursive: true, force: true })
      throw error
    })
    await publishBundle(bundle)
    additions().delete(model.name)
    return bundle
  } catch (error) {
    if (!(error instanceof Problem)) log("error", `${model.name} could not be added`, { error })
    now({ failed: error instanceof Problem ? error.detail : "Adding the model failed. See the server's log." })
    throw error
  }
}

/**
 * Records the audit event of an added bundle. Throws what `writeAs` throws, for instance if `by` is no longer an
 * administrator.
 */
export async function recordAddition({ model, id }: Pick<Bundle, "model" | "id">, by: Actor | null): Promise<void> {
  const shown = { action: "bundle.added", subject: model.name, details: { version: id }, owner_id: null } as const
  // On the command line nobody is signed in, and before the first model the account of bundled models is missing, too.
  const event = by
    ? auditEvent({ actor: by, ...shown })
    : {
        ...auditEvent({ actor: null, ...shown }),
        actor_id: (await findAccount(bundledOwner))?.id ?? null,
        via: "cli" as const,
      }
  await (by
    ? writeAs(by, { administrator: true }, (tx) => recordEvent(tx, event))
    : write((tx) => recordEvent(tx, event)))
}

async function make(model: BundledModel, now: (addition: Addition) => void): Promise<Bundle> {
  const folder = bundleFolder(model)
  await makeFolder(path.dirname(folder))
  const workshop = await mkdtemp(path.join(path.dirname(folder), `.${model.name}-`))
  try {
    await fetchPackages(model, workshop)
    now({ doing: "bundling" })
    const made = path.join(workshop, "bundle")
    const bundling = await run(process.execPath, ["scripts/bundle.mjs", model.name, workshop, made], process.cwd())
    if (bundling.code !== 0) throw new Error(`${model.name} could not be bundled: ${bundling.output}`)
    await rm(folder, { recursive: true, force: true })
    await rename(made, folder)
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
  return findBundle(model)!
}

/** Installs exactly the lock file's packages, verified against its digests, without running their scripts. */
async function fetchPackages({ name }: BundledModel, workshop: string): Promise<void> {
  for (const file of ["package.json", "package-lock.json"])
    await cp(path.resolve("lib/bundled", name, file), path.join(/* turbopackIgnore: true */ workshop, file))
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
    throw problem("unavailable", `${name} was not added: a package does not match its checksum. npm said: ${reason}`)
  throw problem(
    "unavailable",
    `${name} was not added: its packages could not be downloaded. This needs npm and access to its registry, once. If the server cannot reach it, set npm_config_registry to a mirror or https_proxy to a proxy. npm said: ${reason}`,
  )
}

/** The environment variables for programs that talk to a registry: none of our settings and secrets. */
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
