import { readFile } from "node:fs/promises"
import path from "node:path"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { log } from "@/lib/log"
import { setCover } from "@/lib/models/cover"
import { createModel, getModel, listModelsOf, updateModel, type Model } from "@/lib/models/model"
import { getReadme } from "@/lib/models/readme"
import { findOrCreateBundledOrganization } from "@/lib/organizations/organization"
import { actorFor, findAccount } from "@/lib/owners/owner"
import { Problem, type Kind } from "@/lib/problem"
import { bundledOwner } from "@/lib/versions/bundled"
import { publishBundledVersion } from "@/lib/versions/version"
import { catalogue, findBundle, type Bundle } from "./catalogue"
import { contract } from "./server/contract.mjs"

const sources = path.resolve("lib/bundled")

/**
 * Publishes all bundles on this machine as public models of an organization without members. Runs at every start: a
 * changed bundle becomes a new version, everything else stays. If the operator turned bundled models off, published
 * ones become private.
 */
export async function publishBundledModels(): Promise<void> {
  if (env.RUN_BUNDLED === "off") return hideBundledModels()
  for (const model of catalogue) {
    const bundle = findBundle(model)
    if (bundle)
      await publishBundle(bundle).catch((error) => log("error", `${model.name} could not be published`, { error }))
  }
}

/** Makes a bundle the latest version of its model, creating the model if needed. */
export async function publishBundle({ model: bundled, id, openapi_schema }: Bundle): Promise<void> {
  const organization = await findOrCreateBundledOrganization({
    username: bundledOwner,
    name: "Understudy",
    description: "Models that come with the product.",
  })
  if (organization?.type !== "organization") return
  const actor = actorFor(organization, "cli")
  const { name, description, hardware } = bundled
  const links = { github_url: bundled.github_url ?? null, license_url: bundled.license_url ?? null }
  const model = await getOrCreate(actor, { name, description, hardware, ...links })

  const readme = await readFile(path.join(sources, name, "README.md"), "utf8")
  const said = { description, readme, visibility: "public" as const, ...links }
  const stands = { ...model, readme: await getReadme(actor, bundledOwner, name) }
  if (Object.entries(said).some(([field, text]) => stands[field as keyof typeof said] !== text))
    await updateModel(actor, bundledOwner, name, said)

  if (model.latest_version?.id === id) return
  await setCover(actor, bundledOwner, name, await drawnCover(name))
  await publishBundledVersion(
    actor,
    model,
    { id, openapi_schema: JSON.stringify(openapi_schema), cog_version: contract },
    name,
  )
}

async function hideBundledModels(): Promise<void> {
  const organization = await findAccount(bundledOwner)
  if (organization?.type !== "organization") return
  const actor = actorFor(organization, "cli")
  const { rows } = await listModelsOf(null, organization, undefined, 100)
  for (const { name } of rows) await updateModel(actor, bundledOwner, name, { visibility: "private" })
}

type Wanted = Pick<Model, "name" | "description" | "hardware" | "github_url" | "license_url">

async function getOrCreate(actor: Actor, wanted: Wanted): Promise<Model> {
  const found = () => getModel(actor, bundledOwner, wanted.name)
  return (
    (await found().catch(unless("missing"))) ??
    // Another server may have created it at the same time.
    (await createModel(actor, { owner: bundledOwner, visibility: "public", ...wanted }).catch(unless("conflict"))) ??
    found()
  )
}

const unless = (kind: Kind) => (error: unknown) => {
  if (!(error instanceof Problem && error.kind === kind)) throw error
  return null
}

async function drawnCover(name: string): Promise<Buffer> {
  const { default: sharp } = await import("sharp")
  return sharp(await readFile(path.join(sources, name, "cover.svg")))
    .png()
    .toBuffer()
}
