import { and, asc, desc, eq, sql, type SQL } from "drizzle-orm"

import { read, type Db } from "@/db"
import { manifests, tags, versions } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { moveTag } from "@/lib/images/tag-store"

export type Alias = { name: string; version: string; moved_at: string }

const named = sql`${tags.digest} = 'sha256:' || ${versions.id}`

const selectAliases = (where: SQL | undefined) =>
  read()
    .select({ name: tags.name, version: versions.id, moved_at: tags.moved_at })
    .from(tags)
    .innerJoin(versions, and(eq(versions.model_id, tags.model_id), named))
    .where(where)

// Approximates isToolTag(), so that such tags do not use up the limit.
const isNoToolTag = sql`substr(${tags.name}, 1, 4) <> 'cog-' and not (substr(${tags.name}, 1, 7) in ('sha256-', 'sha512-') and length(${tags.name}) > 38)`

/**
 * Up to `most` aliases of a model's versions, the last moved ones, sorted by name. Tags without a version are left out.
 */
export async function listAliasRows(model_id: number, most: number): Promise<Alias[]> {
  const rows = await selectAliases(and(eq(tags.model_id, model_id), isNoToolTag))
    .orderBy(desc(tags.moved_at), asc(tags.name))
    .limit(most)
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Undefined if the name is not an alias of a version of the model. */
export async function findAlias(model_id: number, name: string): Promise<Alias | undefined> {
  const [alias] = await selectAliases(and(eq(tags.model_id, model_id), eq(tags.name, name)))
  return alias
}

/** False if the version has no image to tag. */
export async function moveAlias(
  tx: Db,
  model_id: number,
  name: string,
  version: string,
  event: AuditEvent,
): Promise<boolean> {
  const digest = `sha256:${version}`
  const [image] = await tx
    .select({ digest: manifests.digest })
    .from(manifests)
    .where(and(eq(manifests.model_id, model_id), eq(manifests.digest, digest)))
  if (!image) return false
  await moveTag(tx, model_id, name, digest)
  await recordEvent(tx, event)
  return true
}

/** An alias is a tag. */
export { deleteTag as deleteAlias } from "@/lib/images/tag-store"
