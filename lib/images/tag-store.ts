import { and, eq, sql } from "drizzle-orm"

import { read, type Db } from "@/db"
import { dialect } from "@/db/kit"
import { manifests, tags } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

/** The target of a tag. */
export async function findTagDigest(tx: Db, model_id: number, name: string): Promise<string | undefined> {
  const [tag] = await tx
    .select({ digest: tags.digest })
    .from(tags)
    .where(and(eq(tags.model_id, model_id), eq(tags.name, name)))
  return tag?.digest
}

export async function moveTag(tx: Db, model_id: number, name: string, digest: string): Promise<void> {
  const moved_at = now()
  await tx
    .insert(tags)
    .values({ model_id, name, digest, moved_at })
    .onConflictDoUpdate({ target: [tags.model_id, tags.name], set: { digest, moved_at } })
}

/** Points the tag `latest` to this version's image. Deletes the tag if there is no version or it has no image. */
export async function moveLatestTag(tx: Db, model_id: number, version: string | null): Promise<void> {
  const digest = `sha256:${version}`
  const [image] = await tx
    .select({ digest: manifests.digest })
    .from(manifests)
    .where(and(eq(manifests.model_id, model_id), eq(manifests.digest, digest)))
  if (image) return moveTag(tx, model_id, "latest", digest)
  await tx.delete(tags).where(and(eq(tags.model_id, model_id), eq(tags.name, "latest")))
}

/** Compared byte by byte, because the databases have different default collations. */
const byBytes = dialect === "pg" ? sql`${tags.name} collate "C"` : sql`${tags.name}`

/** Up to `limit` tags after `last`, in order. */
export async function listTagNames(model_id: number, last: string, limit: number): Promise<string[]> {
  const rows = await read()
    .select({ name: tags.name })
    .from(tags)
    .where(and(eq(tags.model_id, model_id), sql`${byBytes} > ${last}`))
    .orderBy(byBytes)
    .limit(limit)
  return rows.map(({ name }) => name)
}

export async function deleteTag(tx: Db, model_id: number, name: string, event: AuditEvent): Promise<boolean> {
  const gone = await tx
    .delete(tags)
    .where(and(eq(tags.model_id, model_id), eq(tags.name, name)))
    .returning({ name: tags.name })
  if (gone.length > 0) await recordEvent(tx, event)
  return gone.length > 0
}
