import "server-only"

import { cache } from "react"

import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable } from "@/lib/next/page"
import { usernamesOf } from "@/lib/owners/owner"
import { trainerShownTo } from "@/lib/versions/trained"
import { listAliases } from "@/lib/versions/alias"
import {
  formOfVersion,
  getVersion,
  listVersionBlockers,
  type ListedVersion,
  type Version,
} from "@/lib/versions/version"

/** A version as its page shows it; null if there is none or the viewer may not see it. */
export const loadVersion = cache(async (owner: string, name: string, id: string) => {
  const actor = await currentActor()
  const version = await nullIfUnavailable(getVersion(actor, owner, name, id))
  if (!version) return null
  const [aliases, blockers, pushers, form, trainer] = await Promise.all([
    listAliases(actor, owner, name),
    listVersionBlockers(actor, owner, name, id),
    usernamesOf([version.pushed_by]),
    formOfVersion(version),
    trainerShownTo(actor, version),
  ])
  return {
    ...facts(version, pushers),
    labels: Object.entries(version.labels ?? {}),
    training: version.trained?.training,
    trainer,
    aliases: aliases.filter((alias) => alias.version === id).map((alias) => alias.name),
    schema: version.openapi_schema,
    blockers,
    form,
    model_id: version.model_id,
  }
})

export const facts = (version: Version | ListedVersion, pushers: Map<number, string>) => ({
  id: version.id,
  cog_version: version.cog_version,
  revision: version.revision,
  size: version.size,
  layers: version.layers,
  builtFor: builtFor(version),
  pushed_by: pushers.get(version.pushed_by) ?? "a deleted account",
  created_at: version.created_at,
  pushed_at: version.pushed_at,
})

/** "GPU", or "CPU, arm64" for platforms other than linux/amd64. */
const builtFor = ({ cog_config, architecture }: Pick<Version, "cog_config" | "architecture">) => {
  const gpu = (cog_config as { build?: { gpu?: unknown } } | null)?.build?.gpu === true
  return `${gpu ? "GPU" : "CPU"}${architecture && architecture !== "amd64" ? `, ${architecture}` : ""}`
}

export type VersionFacts = ReturnType<typeof facts>

/** "1.2 GB", in powers of ten as disks are sold. */
export function bytesInWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"]
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const amount = bytes / 1000 ** at
  return `${at === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[at]}`
}

export const shortId = (id: string) => id.slice(0, 12)
