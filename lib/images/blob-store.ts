import { and, eq, inArray, or, sql, sum, type SQL } from "drizzle-orm"

import { preparedQuery, read, type Db } from "@/db"
import { blobs, files, manifest_parts, manifests, model_blobs, models } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

export type Blob = Pick<typeof blobs.$inferSelect, "digest" | "size" | "file">

const heldBlob = preparedQuery("registry_blob", (db) =>
  db
    .select({ digest: blobs.digest, size: blobs.size, file: blobs.file })
    .from(model_blobs)
    .innerJoin(blobs, eq(blobs.digest, model_blobs.digest))
    .where(
      and(eq(model_blobs.model_id, sql.placeholder("model_id")), eq(model_blobs.digest, sql.placeholder("digest"))),
    ),
)

/** A blob that the model holds. */
export async function findBlob(model_id: number, digest: string): Promise<Blob | undefined> {
  const [blob] = await heldBlob().execute({ model_id, digest })
  return blob
}

/**
 * Records that the model holds a blob whose file is complete. Returns the file to use, which is another one if the blob
 * already existed; null if the account would store more than `most` bytes.
 */
export async function holdBlob(
  tx: Db,
  model_id: number,
  { digest, size, file }: Blob,
  most: number,
): Promise<string | null> {
  if (await exceedsQuota(tx, model_id, digest, size, most)) return null
  const at = now()
  await tx.insert(blobs).values({ digest, size, file, created_at: at }).onConflictDoNothing()
  const [kept] = await tx.select({ file: blobs.file }).from(blobs).where(eq(blobs.digest, digest))
  await link(tx, model_id, digest, at)
  return kept!.file
}

/**
 * Lets a model hold a blob of another one. False if that one does not hold it, or the account would store more than
 * `most` bytes.
 */
export async function shareBlob(tx: Db, from: number, to: number, digest: string, most: number): Promise<boolean> {
  const [held] = await tx
    .select({ size: blobs.size })
    .from(model_blobs)
    .innerJoin(blobs, eq(blobs.digest, model_blobs.digest))
    .where(and(eq(model_blobs.model_id, from), eq(model_blobs.digest, digest)))
  if (!held || (await exceedsQuota(tx, to, digest, held.size, most))) return false
  await link(tx, to, digest, now())
  return true
}

/**
 * Lets the model hold blobs whose files were just stored (`fresh`), and existing ones (`known`), within a write. False
 * if an existing one is missing. The caller checks the account's quota.
 */
export async function holdBlobs(tx: Db, model_id: number, fresh: Blob[], known: string[]): Promise<boolean> {
  const at = now()
  for (const { digest, size, file } of fresh)
    await tx.insert(blobs).values({ digest, size, file, created_at: at }).onConflictDoNothing()
  const wanted = [...new Set([...fresh.map(({ digest }) => digest), ...known])]
  const there = await tx.select({ digest: blobs.digest }).from(blobs).where(inArray(blobs.digest, wanted))
  if (there.length < wanted.length) return false
  for (const digest of wanted) await link(tx, model_id, digest, at)
  return true
}

const link = (tx: Db, model_id: number, digest: string, linked_at: string) =>
  tx
    .insert(model_blobs)
    .values({ model_id, digest, linked_at })
    .onConflictDoUpdate({ target: [model_blobs.model_id, model_blobs.digest], set: { linked_at } })

/** Ends a model's hold on a blob. "used" if a manifest of the model references it, "missing" if there is no hold. */
export async function dropBlob(
  tx: Db,
  model_id: number,
  digest: string,
  event: AuditEvent,
): Promise<"dropped" | "used" | "missing"> {
  if (await isReferenced(tx, model_id, digest)) return "used"
  const gone = await tx
    .delete(model_blobs)
    .where(and(eq(model_blobs.model_id, model_id), eq(model_blobs.digest, digest)))
    .returning({ digest: model_blobs.digest })
  if (gone.length === 0) return "missing"
  await recordEvent(tx, event)
  return "dropped"
}

/**
 * The stored bytes of an account: blobs of its models, each counted once, manifests and files. `and_model` adds another
 * model.
 */
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
  return Number(row?.bytes ?? 0) + Number(kept?.bytes ?? 0) + (await manifestBytes(whose, db))
}

async function manifestBytes(whose: SQL | undefined, db: Db): Promise<number> {
  const [row] = await db
    .select({ bytes: sum(manifests.size) })
    .from(manifests)
    .innerJoin(models, eq(models.id, manifests.model_id))
    .where(whose)
  return Number(row?.bytes ?? 0)
}

/** Manifests are stored in the database, so they have a separate limit per account. */
const maxManifestBytes = 512 * 1024 * 1024

/** Whether one more manifest would exceed the limit of the model's account. */
export async function manifestExceedsQuota(tx: Db, model_id: number, size: number, most: number): Promise<boolean> {
  const [model] = await tx.select({ owner_id: models.owner_id }).from(models).where(eq(models.id, model_id))
  if (!model) return false
  if ((await manifestBytes(eq(models.owner_id, model.owner_id), tx)) + size > maxManifestBytes) return true
  return most !== Infinity && (await bytesHeldBy(model.owner_id, tx)) + size > most
}

/** Whether a blob would exceed the account's limit. Checked within the write, because layers arrive in parallel. */
async function exceedsQuota(tx: Db, model_id: number, digest: string, size: number, most: number): Promise<boolean> {
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

/** Whether a manifest of the model references it. */
export async function isReferenced(tx: Db, model_id: number, digest: string): Promise<boolean> {
  const [whole] = await tx
    .select({ manifest: manifest_parts.manifest })
    .from(manifest_parts)
    .where(and(eq(manifest_parts.model_id, model_id), eq(manifest_parts.digest, digest)))
    .limit(1)
  return whole !== undefined
}

/** The digest of every blob, by the name of its file. */
export async function listDigests(): Promise<Pick<Blob, "digest" | "file">[]> {
  return read().select({ digest: blobs.digest, file: blobs.file }).from(blobs)
}
