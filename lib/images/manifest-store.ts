import { and, asc, eq, inArray, notExists, sql } from "drizzle-orm"

import { preparedQuery, read, type Db } from "@/db"
import { manifest_parts, manifests, model_blobs, referrers, tags, versions } from "@/db/schema"
import { now } from "@/lib/clock"
import { manifestExceedsQuota, isReferenced } from "./blob-store"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { findTagDigest, moveTag } from "./tag-store"

export type ManifestRow = typeof manifests.$inferSelect
export type Part = Pick<typeof manifest_parts.$inferSelect, "digest" | "kind">

const manifestByDigest = preparedQuery("registry_manifest", (db) =>
  db
    .select()
    .from(manifests)
    .where(and(eq(manifests.model_id, sql.placeholder("model_id")), eq(manifests.digest, sql.placeholder("digest")))),
)
const manifestByTag = preparedQuery("registry_tagged", (db) =>
  db
    .select({ manifest: manifests })
    .from(tags)
    .innerJoin(manifests, and(eq(manifests.model_id, tags.model_id), eq(manifests.digest, tags.digest)))
    .where(and(eq(tags.model_id, sql.placeholder("model_id")), eq(tags.name, sql.placeholder("name")))),
)

export async function findManifest(model_id: number, digest: string): Promise<ManifestRow | undefined> {
  const [manifest] = await manifestByDigest().execute({ model_id, digest })
  return manifest
}

export async function findTagged(model_id: number, name: string): Promise<ManifestRow | undefined> {
  const [row] = await manifestByTag().execute({ model_id, name })
  return row?.manifest
}

export type Referrer = typeof referrers.$inferSelect

export type NewManifest = {
  row: Omit<ManifestRow, "created_at">
  parts: Part[]
  tag: string | null
  /** Recorded if the tag pointed to something else before. */
  tagged?: AuditEvent
  /** For referrers: the fields for lists of referrers. */
  referrer: Omit<Referrer, "model_id" | "digest" | "created_at"> | null
}

/**
 * Stores a manifest and moves the tag to it, within a larger write. Returns the digests of missing parts, or "full" if
 * it would exceed the account's quota; in both cases, nothing changes.
 */
export async function storeManifest(
  tx: Db,
  { row, parts, tag, tagged, referrer }: NewManifest,
  most: number,
): Promise<string[] | "full"> {
  const missing = await missingParts(tx, row.model_id, parts)
  if (missing.length > 0) return missing
  const isNew = !(await isThere(tx, row.model_id, row.digest))
  if (isNew && (await manifestExceedsQuota(tx, row.model_id, row.size, most))) return "full"
  const at = now()
  await tx
    .insert(manifests)
    .values({ ...row, created_at: at })
    .onConflictDoNothing()
  for (const some of slices(parts, 500))
    await tx
      .insert(manifest_parts)
      .values(some.map((part) => ({ ...part, model_id: row.model_id, manifest: row.digest })))
      .onConflictDoNothing()
  if (referrer)
    await tx
      .insert(referrers)
      .values({ ...referrer, model_id: row.model_id, digest: row.digest, created_at: at })
      .onConflictDoNothing()
  if (tag !== null) {
    const before = tagged && (await findTagDigest(tx, row.model_id, tag))
    await moveTag(tx, row.model_id, tag, row.digest)
    if (tagged && before !== row.digest) await recordEvent(tx, tagged)
  }
  return []
}

async function isThere(tx: Db, model_id: number, digest: string): Promise<boolean> {
  const [row] = await tx
    .select({ digest: manifests.digest })
    .from(manifests)
    .where(and(eq(manifests.model_id, model_id), eq(manifests.digest, digest)))
  return row !== undefined
}

async function missingParts(tx: Db, model_id: number, parts: Part[]): Promise<string[]> {
  const there = new Set<string>()
  for (const some of slices(
    parts.map(({ digest }) => digest),
    500,
  )) {
    const held = await tx
      .select({ digest: model_blobs.digest })
      .from(model_blobs)
      .where(and(eq(model_blobs.model_id, model_id), inArray(model_blobs.digest, some)))
    const known = await tx
      .select({ digest: manifests.digest })
      .from(manifests)
      .where(and(eq(manifests.model_id, model_id), inArray(manifests.digest, some)))
    for (const { digest } of held) there.add(`blob ${digest}`)
    for (const { digest } of known) there.add(`manifest ${digest}`)
  }
  return parts.filter(({ kind, digest }) => !there.has(`${kind} ${digest}`)).map(({ digest }) => digest)
}

const slices = <T>(rows: T[], length: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / length) }, (_, n) => rows.slice(n * length, (n + 1) * length))

/** Up to `limit` referrers of a manifest in push order, after `from`. */
export async function listReferrerRows(
  model_id: number,
  subject: string,
  {
    artifact_type,
    from,
    limit,
  }: { artifact_type?: string; from: [created_at: string, digest: string] | null; limit: number },
): Promise<Referrer[]> {
  const beyond = from && sql`(${referrers.created_at}, ${referrers.digest}) > (${from[0]}, ${from[1]})`
  return read()
    .select()
    .from(referrers)
    .where(
      and(
        eq(referrers.model_id, model_id),
        eq(referrers.subject, subject),
        artifact_type === undefined ? undefined : eq(referrers.artifact_type, artifact_type),
        beyond ?? undefined,
      ),
    )
    .orderBy(asc(referrers.created_at), asc(referrers.digest))
    .limit(limit)
}

export async function isVersion(model_id: number, id: string): Promise<boolean> {
  const [version] = await read()
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.model_id, model_id), eq(versions.id, id)))
  return version !== undefined
}

/** Deletes a manifest. "used" if an index of the model references it, "missing" if the model has no such manifest. */
export async function deleteManifest(
  tx: Db,
  model_id: number,
  digest: string,
  event: AuditEvent,
): Promise<"dropped" | "used" | "missing"> {
  if (await isReferenced(tx, model_id, digest)) return "used"
  if (!(await releaseManifest(tx, model_id, digest))) return "missing"
  await recordEvent(tx, event)
  return "dropped"
}

/** The maximum number of manifests released with an index; the rest are left to garbage collection. */
const releasedAtOnce = 200

/**
 * Deletes a manifest with its tags, the manifests that only it references, and the model's hold on blobs that no
 * manifest references any more, within a write. Garbage collection deletes their files, unless another model holds
 * them. False if there is no such manifest.
 */
export async function releaseManifest(
  tx: Db,
  model_id: number,
  digest: string,
  budget = { left: releasedAtOnce },
): Promise<boolean> {
  budget.left--
  if (await isReferenced(tx, model_id, digest)) {
    // A part of an index stays until the index is deleted, without tags.
    await tx.delete(tags).where(and(eq(tags.model_id, model_id), eq(tags.digest, digest)))
    return true
  }
  const parts = await tx
    .select({ digest: manifest_parts.digest, kind: manifest_parts.kind })
    .from(manifest_parts)
    .where(and(eq(manifest_parts.model_id, model_id), eq(manifest_parts.manifest, digest)))
  const gone = await tx
    .delete(manifests)
    .where(and(eq(manifests.model_id, model_id), eq(manifests.digest, digest)))
    .returning({ digest: manifests.digest })
  if (gone.length === 0) return false

  const of = (kind: Part["kind"]) => parts.filter((part) => part.kind === kind).map(({ digest }) => digest)
  for (const some of slices(of("blob"), 500))
    await tx.delete(model_blobs).where(
      and(
        eq(model_blobs.model_id, model_id),
        inArray(model_blobs.digest, some),
        notExists(
          tx
            .select({ one: sql`1` })
            .from(manifest_parts)
            .where(and(eq(manifest_parts.model_id, model_id), eq(manifest_parts.digest, model_blobs.digest))),
        ),
      ),
    )
  for (const part of of("manifest"))
    if (budget.left > 0 && !(await isReferenced(tx, model_id, part)) && !(await hasTagOrVersion(tx, model_id, part)))
      await releaseManifest(tx, model_id, part, budget)
  return true
}

/** Whether a manifest has a tag or a version, and so stays when its index is deleted. */
async function hasTagOrVersion(tx: Db, model_id: number, digest: string): Promise<boolean> {
  const [tag] = await tx
    .select({ name: tags.name })
    .from(tags)
    .where(and(eq(tags.model_id, model_id), eq(tags.digest, digest)))
    .limit(1)
  if (tag) return true
  const [version] = await tx
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.model_id, model_id), eq(versions.id, digest.slice("sha256:".length))))
    .limit(1)
  return version !== undefined
}
