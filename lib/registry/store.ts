import { and, asc, eq, inArray, lt, notExists, notInArray, or, sql, sum } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import {
  blobs,
  create_on_push,
  files,
  manifest_parts,
  manifests,
  model_blobs,
  models,
  referrers,
  tags,
  uploads,
  versions,
} from "@/db/schema"
import { dialect } from "@/db/kit"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

export type Blob = Pick<typeof blobs.$inferSelect, "digest" | "size" | "file">
export type ManifestRow = typeof manifests.$inferSelect
export type Upload = typeof uploads.$inferSelect
export type Tag = typeof tags.$inferSelect
export type Part = Pick<typeof manifest_parts.$inferSelect, "digest" | "kind">

const given = sql.placeholder

const heldBlob = preparedQuery("registry_blob", (db) =>
  db
    .select({ digest: blobs.digest, size: blobs.size, file: blobs.file })
    .from(model_blobs)
    .innerJoin(blobs, eq(blobs.digest, model_blobs.digest))
    .where(and(eq(model_blobs.model_id, given("model_id")), eq(model_blobs.digest, given("digest")))),
)

/** A content that this model holds. */
export async function findBlob(model_id: number, digest: string): Promise<Blob | undefined> {
  const [blob] = await heldBlob().execute({ model_id, digest })
  return blob
}

/**
 * Notes that the model holds a content whose file is whole. Answers the file that is kept: another one when the content was here already;
 * and null when what its account holds would be more than `most` bytes.
 */
export async function holdBlob(model_id: number, { digest, size, file }: Blob, most: number): Promise<string | null> {
  return write(async (tx) => {
    if (await isTooMuch(tx, model_id, digest, size, most)) return null
    const at = now()
    await tx.insert(blobs).values({ digest, size, file, created_at: at }).onConflictDoNothing()
    const [kept] = await tx.select({ file: blobs.file }).from(blobs).where(eq(blobs.digest, digest))
    await link(tx, model_id, digest, at)
    return kept!.file
  })
}

/** Lets a model hold what another one holds. False when that one does not, or no longer does, and when it would be more than `most` bytes for its account. */
export async function shareBlob(from: number, to: number, digest: string, most: number): Promise<boolean> {
  return write(async (tx) => {
    const [held] = await tx
      .select({ size: blobs.size })
      .from(model_blobs)
      .innerJoin(blobs, eq(blobs.digest, model_blobs.digest))
      .where(and(eq(model_blobs.model_id, from), eq(model_blobs.digest, digest)))
    if (!held || (await isTooMuch(tx, to, digest, held.size, most))) return false
    await link(tx, to, digest, now())
    return true
  })
}

const link = (tx: Db, model_id: number, digest: string, linked_at: string) =>
  tx
    .insert(model_blobs)
    .values({ model_id, digest, linked_at })
    .onConflictDoUpdate({ target: [model_blobs.model_id, model_blobs.digest], set: { linked_at } })

/** "used" while a manifest of the model is made of it, "missing" when the model does not hold it. */
export async function dropBlob(model_id: number, digest: string): Promise<"dropped" | "used" | "missing"> {
  return write(async (tx) => {
    if (await isPart(tx, model_id, digest)) return "used"
    const gone = await tx
      .delete(model_blobs)
      .where(and(eq(model_blobs.model_id, model_id), eq(model_blobs.digest, digest)))
      .returning({ digest: model_blobs.digest })
    return gone.length > 0 ? "dropped" : "missing"
  })
}

/** The bytes an account holds: what its models do, each content counted once, and its files; with those of another model as if it had that one too. */
export async function bytesHeldBy(owner_id: number, db: Db = read(), and_model?: number): Promise<number> {
  const whose =
    and_model === undefined
      ? eq(models.owner_id, owner_id)
      : or(eq(models.owner_id, owner_id), eq(models.id, and_model))
  const held = db
    .selectDistinct({ digest: model_blobs.digest })
    .from(model_blobs)
    .innerJoin(models, eq(models.id, model_blobs.model_id))
    .where(whose)
  const [row] = await db
    .select({ bytes: sum(blobs.size) })
    .from(blobs)
    .where(inArray(blobs.digest, held))
  const [kept] = await db
    .select({ bytes: sum(files.size) })
    .from(files)
    .where(eq(files.owner_id, owner_id))
  return Number(row?.bytes ?? 0) + Number(kept?.bytes ?? 0)
}

/** Whether one more content is too much for the account of a model, which may hold it already. Asked within the write, because layers arrive side by side. */
async function isTooMuch(tx: Db, model_id: number, digest: string, size: number, most: number): Promise<boolean> {
  if (most === Infinity) return false
  const [model] = await tx.select({ owner_id: models.owner_id }).from(models).where(eq(models.id, model_id))
  if (!model) return false
  const [own] = await tx
    .select({ digest: model_blobs.digest })
    .from(model_blobs)
    .innerJoin(models, eq(models.id, model_blobs.model_id))
    .where(and(eq(models.owner_id, model.owner_id), eq(model_blobs.digest, digest)))
    .limit(1)
  return !own && (await bytesHeldBy(model.owner_id, tx)) + size > most
}

export async function insertUpload(fields: Upload): Promise<void> {
  await write(async (tx) => {
    await tx.insert(uploads).values(fields)
  })
}

const uploadById = preparedQuery("registry_upload", (db) =>
  db
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, given("id")), eq(uploads.model_id, given("model_id")))),
)

export async function findUpload(model_id: number, id: string): Promise<Upload | undefined> {
  const [upload] = await uploadById().execute({ id, model_id })
  return upload
}

export async function deleteUpload(id: string): Promise<void> {
  await write(async (tx) => {
    await tx.delete(uploads).where(eq(uploads.id, id))
  })
}

/** Rows of uploads that began before `cutoff` and of which nothing lies here any more. */
export async function deleteUploadsBefore(cutoff: string, growing: string[]): Promise<void> {
  await write(async (tx) => {
    await tx
      .delete(uploads)
      .where(and(lt(uploads.started_at, cutoff), growing.length > 0 ? notInArray(uploads.id, growing) : undefined))
  })
}

const manifestByDigest = preparedQuery("registry_manifest", (db) =>
  db
    .select()
    .from(manifests)
    .where(and(eq(manifests.model_id, given("model_id")), eq(manifests.digest, given("digest")))),
)
const manifestByTag = preparedQuery("registry_tagged", (db) =>
  db
    .select({ manifest: manifests })
    .from(tags)
    .innerJoin(manifests, and(eq(manifests.model_id, tags.model_id), eq(manifests.digest, tags.digest)))
    .where(and(eq(tags.model_id, given("model_id")), eq(tags.name, given("name")))),
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
  /** Where it says something about another manifest: what lists show of it. */
  referrer: Omit<Referrer, "model_id" | "digest" | "created_at"> | null
}

/**
 * Keeps a manifest and moves the tag to it, within a write that may do more. Answers the digests of those of its parts that the
 * model does not hold; with any missing, nothing is changed.
 */
export async function keepManifest(tx: Db, { row, parts, tag, referrer }: NewManifest): Promise<string[]> {
  const missing = await missingParts(tx, row.model_id, parts)
  if (missing.length > 0) return missing
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
  if (tag !== null) await moveTag(tx, row.model_id, tag, row.digest)
  return []
}

/** `keepManifest` in a write of its own. */
export const insertManifest = (manifest: NewManifest): Promise<string[]> => write((tx) => keepManifest(tx, manifest))

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
    const kept = await tx
      .select({ digest: manifests.digest })
      .from(manifests)
      .where(and(eq(manifests.model_id, model_id), inArray(manifests.digest, some)))
    for (const { digest } of held) there.add(`blob ${digest}`)
    for (const { digest } of kept) there.add(`manifest ${digest}`)
  }
  return parts.filter(({ kind, digest }) => !there.has(`${kind} ${digest}`)).map(({ digest }) => digest)
}

const slices = <T>(rows: T[], length: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / length) }, (_, n) => rows.slice(n * length, (n + 1) * length))

export async function moveTag(tx: Db, model_id: number, name: string, digest: string): Promise<void> {
  const moved_at = now()
  await tx
    .insert(tags)
    .values({ model_id, name, digest, moved_at })
    .onConflictDoUpdate({ target: [tags.model_id, tags.name], set: { digest, moved_at } })
}

/** Has the tag `latest` name the image of this version. Where that has none, or there is no version, there is no such tag. */
export async function moveLatestTag(tx: Db, model_id: number, version: string | null): Promise<void> {
  const digest = `sha256:${version}`
  const [image] = await tx
    .select({ digest: manifests.digest })
    .from(manifests)
    .where(and(eq(manifests.model_id, model_id), eq(manifests.digest, digest)))
  if (image) return moveTag(tx, model_id, "latest", digest)
  await tx.delete(tags).where(and(eq(tags.model_id, model_id), eq(tags.name, "latest")))
}

/** Byte for byte, on which the databases do not agree by themselves. */
const byBytes = dialect === "pg" ? sql`${tags.name} collate "C"` : sql`${tags.name}`

/** Up to `limit` names behind `last`, in order. */
export async function listTagNames(model_id: number, last: string, limit: number): Promise<string[]> {
  const rows = await read()
    .select({ name: tags.name })
    .from(tags)
    .where(and(eq(tags.model_id, model_id), sql`${byBytes} > ${last}`))
    .orderBy(byBytes)
    .limit(limit)
  return rows.map(({ name }) => name)
}

/** Up to `limit` of what says something about the manifest of that digest, in the order in which it was pushed, behind the one that `from` names. */
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

export async function deleteTag(model_id: number, name: string, event: AuditEvent): Promise<boolean> {
  return write(async (tx) => {
    const gone = await tx
      .delete(tags)
      .where(and(eq(tags.model_id, model_id), eq(tags.name, name)))
      .returning({ name: tags.name })
    if (gone.length > 0) await recordEvent(tx, event)
    return gone.length > 0
  })
}

export async function isVersion(model_id: number, id: string): Promise<boolean> {
  const [version] = await read()
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.model_id, model_id), eq(versions.id, id)))
  return version !== undefined
}

/** "used" while an index of the model is made of it, "missing" when the model has no such manifest. */
export async function deleteManifest(model_id: number, digest: string): Promise<"dropped" | "used" | "missing"> {
  return write(async (tx) => {
    if (await isPart(tx, model_id, digest)) return "used"
    return (await releaseManifest(tx, model_id, digest)) ? "dropped" : "missing"
  })
}

/** Of what an index is made of, as many manifests go with it at once; more go with the next sweep. */
const releasedAtOnce = 200

/**
 * Part of a write that takes something away: the manifest with its tags, the manifests that only it was made of, and the model's hold
 * on contents that no manifest is made of any more. Their files go with the next sweep, unless another model holds them.
 */
export async function releaseManifest(
  tx: Db,
  model_id: number,
  digest: string,
  budget = { left: releasedAtOnce },
): Promise<boolean> {
  budget.left--
  if (await isPart(tx, model_id, digest)) {
    // What an index is made of stays for as long as the index does, without its names.
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
    if (budget.left > 0 && !(await isPart(tx, model_id, part)) && !(await standsAlone(tx, model_id, part)))
      await releaseManifest(tx, model_id, part, budget)
  return true
}

/** Whether a manifest of the model is made of it. */
async function isPart(tx: Db, model_id: number, digest: string): Promise<boolean> {
  const [whole] = await tx
    .select({ manifest: manifest_parts.manifest })
    .from(manifest_parts)
    .where(and(eq(manifest_parts.model_id, model_id), eq(manifest_parts.digest, digest)))
    .limit(1)
  return whole !== undefined
}

/** A manifest that has a name or is a version stays when the index it was in goes. */
async function standsAlone(tx: Db, model_id: number, digest: string): Promise<boolean> {
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

/** Takes away holds from before `cutoff` that no manifest needs, and rows of contents nobody holds. Answers the files of those. */
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

/** Those of the files that a content lies in. */
export async function filesInUse(files: string[]): Promise<Set<string>> {
  const rows = await read().select({ file: blobs.file }).from(blobs).where(inArray(blobs.file, files))
  return new Set(rows.map(({ file }) => file))
}

export async function findCreateOnPush(owner_id: number): Promise<string | undefined> {
  const [row] = await read()
    .select({ hardware: create_on_push.hardware })
    .from(create_on_push)
    .where(eq(create_on_push.owner_id, owner_id))
  return row?.hardware
}

/** `null` turns it off. */
export async function setCreateOnPush(owner_id: number, hardware: string | null, event: AuditEvent): Promise<void> {
  await write(async (tx) => {
    await recordEvent(tx, event)
    if (hardware === null) await tx.delete(create_on_push).where(eq(create_on_push.owner_id, owner_id))
    else
      await tx
        .insert(create_on_push)
        .values({ owner_id, hardware })
        .onConflictDoUpdate({ target: create_on_push.owner_id, set: { hardware } })
  })
}

/** The names that point at each of these manifests. */
export async function listTagsOf(model_id: number, digests: string[]): Promise<Tag[]> {
  if (digests.length === 0) return []
  return read()
    .select()
    .from(tags)
    .where(and(eq(tags.model_id, model_id), inArray(tags.digest, digests)))
    .orderBy(asc(tags.name))
}
