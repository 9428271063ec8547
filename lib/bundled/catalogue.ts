import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { env } from "@/env"
import models from "./models.json"

/** A bundled model: its description, and how it is bundled and started. */
export type BundledModel = {
  name: string
  description: string
  /** Its public source, if any. */
  github_url?: string
  license_url?: string
  hardware: string
  /** Whether every build includes it; administrators add the others. */
  included: boolean
  /** The packages to install when it is added, at exact versions. */
  packages: Record<string, string>
  /** Files copied beside the program: names there, and paths inside node_modules. */
  assets: Record<string, string>
  node_args: string[]
}

/** A bundle on this machine. `id` is the SHA-256 of everything in it that runs, and the ID of its version. */
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

/** The path of a model's bundle, whether it exists or not. */
export const bundleFolder = ({ name, included }: BundledModel): string =>
  included ? path.resolve(".models", name) : path.resolve(env.DATA_DIR, "models", name)

/** The bundle of a model; null when it is not on this machine. */
export function findBundle(model: BundledModel): Bundle | null {
  const folder = bundleFolder(model)
  const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), "utf8"))
  if (!existsSync(path.join(folder, "bundle.json"))) return null
  return { model, folder, ...read("bundle.json"), openapi_schema: read("openapi.json") }
}

/** How to start Node to serve a bundled model, and the files it may read; null if it is not on this machine. */
export function bundledEntry(name: string): { file: string; nodeArgs: string[]; readPaths: string[] } | null {
  const model = findBundledModel(name)
  const bundle = model && findBundle(model)
  if (!bundle) return null
  return { file: path.join(bundle.folder, "model.cjs"), nodeArgs: bundle.model.node_args, readPaths: [bundle.folder] }
}
