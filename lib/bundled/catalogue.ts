import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { env } from "@/env"
import models from "./models.json"

/** A model that comes with the product: what is said of it, and what it takes to bundle and start it. */
export type BundledModel = {
  name: string
  description: string
  /** Its public source, where it has one. */
  github_url?: string
  license_url?: string
  hardware: string
  /** Whether it is bundled with every build; the others are added by an administrator. */
  included: boolean
  /** The packages that an addition needs, at exact versions. */
  packages: Record<string, string>
  /** Files that lie beside the program, by their names there, as paths inside node_modules. */
  assets: Record<string, string>
  node_args: string[]
}

/** A bundle that is on this machine. `id` is the SHA-256 of everything in it that runs: the id of the version it makes. */
export type Bundle = {
  model: BundledModel
  id: string
  folder: string
  openapi_schema: Record<string, unknown>
  packages: { name: string; version: string; license: string }[]
}

export const catalogue: readonly BundledModel[] = models as unknown as BundledModel[]

export const findBundledModel = (name: string): BundledModel | undefined =>
  catalogue.find((model) => model.name === name)

/** Where the bundle of a model lies, or will lie. */
export const bundleFolder = ({ name, included }: BundledModel): string =>
  included ? path.resolve(".models", name) : path.resolve(env.DATA_DIR, "models", name)

/** The bundle of a model; null when it is not on this machine. */
export function findBundle(model: BundledModel): Bundle | null {
  const folder = bundleFolder(model)
  const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), "utf8"))
  if (!existsSync(path.join(folder, "bundle.json"))) return null
  return { model, folder, ...read("bundle.json"), openapi_schema: read("openapi.json") }
}

/** What Node is started with to serve a bundled model, and what of the disk it reads; null when it is not on this machine. */
export function bundledEntry(name: string): { file: string; nodeArgs: string[]; readPaths: string[] } | null {
  const model = findBundledModel(name)
  const bundle = model && findBundle(model)
  if (!bundle) return null
  return { file: path.join(bundle.folder, "model.cjs"), nodeArgs: bundle.model.node_args, readPaths: [bundle.folder] }
}
