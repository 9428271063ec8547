import { and, eq, inArray, lt, notExists, sql, type SQLWrapper } from "drizzle-orm"

import { read, write } from "@/db"
import { alias } from "@/db/kit"
import { blobs, manifest_parts, manifests, model_blobs, referrers, tags, versions } from "@/db/schema"
import { releaseManifest } from "./manifest-store"
import type { Blob } from "./blob-store"

/**
 * Deletes holds from before `cutoff` on blobs that no manifest references, and rows of blobs that no model holds.
 * Returns the files of deleted rows.
 */
export async function sweepRows(cutoff: string): Promise<Pick<Blob, "file" | "size">[]> {
  return write(async (tx) => {
    const needed = tx
      .select({ one: sql`1` })
      .from(manifest_parts)
      .where(and(eq(manifest_parts.model_id, model_blobs.model_id), eq(manifest_parts.digest, model_blobs.digest)))
    await tx.delete(model_blobs).where(and(lt(model_blobs.linked_at, cutoff), notExists(needed)))
    const held = tx
      .select({ one: sql`1` })
      .from(model_blobs)
      .where(eq(model_blobs.digest, blobs.digest))
    return tx.delete(blobs).where(notExists(held)).returning({ file: blobs.file, size: blobs.size })
  })
}

/** Manifests deleted per transaction. */
const manifestsAtOnce = 200

/**
 * Deletes manifests from before `cutoff` that no tag, version or index references, and that are not referrers of a
 * stored manifest. Returns the number deleted; there may be more.
 */
export async function sweepManifests(cutoff: string): Promise<number> {
  return write(async (tx) => {
    const one = { one: sql`1` }
    const same = (model_id: SQLWrapper, digest: SQLWrapper) =>
      and(eq(sql`${model_id}`, manifests.model_id), eq(sql`${digest}`, manifests.digest))
    const subjects = alias(manifests, "subjects")
    const idle = await tx
      .select({ model_id: manifests.model_id, digest: manifests.digest })
      .from(manifests)
      .where(
        and(
          lt(manifests.created_at, cutoff),
          notExists(tx.select(one).from(tags).where(same(tags.model_id, tags.digest))),
          notExists(tx.select(one).from(manifest_parts).where(same(manifest_parts.model_id, manifest_parts.digest))),
          notExists(
            tx
              .select(one)
              .from(versions)
              .where(
                and(eq(versions.model_id, manifests.model_id), sql`'sha256:' || ${versions.id} = ${manifests.digest}`),
              ),
          ),
          notExists(
            tx
              .select(one)
              .from(referrers)
              .innerJoin(
                subjects,
                and(eq(subjects.model_id, referrers.model_id), eq(subjects.digest, referrers.subject)),
              )
              .where(same(referrers.model_id, referrers.digest)),
          ),
        ),
      )
      .limit(manifestsAtOnce)
    for (const { model_id, digest } of idle) await releaseManifest(tx, model_id, digest, { left: 1 })
    return idle.length
  })
}

/** The files that blobs use. */
export async function filesInUse(files: string[]): Promise<Set<string>> {
  const rows = await read().select({ file: blobs.file }).from(blobs).where(inArray(blobs.file, files))
  return new Set(rows.map(({ file }) => file))
}
