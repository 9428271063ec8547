import { and, asc, eq, sql } from "drizzle-orm"

import { read, type Db } from "@/db"
import { manifests, tags, versions } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { moveTag } from "@/lib/images/tag-store"

export type Alias = { name: string; version: string; moved_at: string }

const named = sql`${tags.digest} = 'sha256:' || ${versions.id}`

/** The names of a model's versions; a tag that names no version is none. */
export const listAliasRows = (model_id: number): Promise<Alias[]> =>
  Promise.resolve(
    read()
      .select({ name: tags.name, version: versions.id, moved_at: tags.moved_at })
      .from(tags)
      .innerJoin(versions, and(eq(versions.model_id, tags.model_id), named))
      .where(eq(tags.model_id, model_id))
      .orderBy(asc(tags.name)),
  )

/** False when the version has no image that could be pulled by that name. */
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

/** A name for a version is a tag. */
export { deleteTag as deleteAlias } from "@/lib/images/tag-store"
