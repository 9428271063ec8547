import { document, foreignKey, index, integer, timestamp, primaryKey, table, text } from "@/db/kit"
import { hardware } from "./hardware"
import { models } from "./models"
import { owners } from "./owners"

/**
 * Blobs of the registry: one file per content, however many models use it. A row exists only once its file is
 * complete.
 */
export const blobs = table("blobs", {
  /** "sha256:" and 64 hexadecimal digits, or "sha512:" and 128. */
  digest: text().primaryKey(),
  size: integer().notNull(),
  /** The name of its file, which is never reused: deleting a row's file cannot affect another. */
  file: text().notNull(),
  created_at: timestamp().notNull(),
})

/** Which model holds which blob. A model gives access only to blobs it holds. */
export const model_blobs = table(
  "model_blobs",
  {
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    digest: text()
      .notNull()
      .references(() => blobs.digest),
    linked_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.digest] }), index("model_blobs_digest").on(t.digest)],
)

/** Manifests, byte for byte as pushed. */
export const manifests = table(
  "manifests",
  {
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    digest: text().notNull(),
    media_type: text().notNull(),
    body: text().notNull(),
    size: integer().notNull(),
    created_at: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.digest] }),
    // Without the bodies, which are megabytes.
    index("manifests_sizes").on(t.model_id, t.size),
    index("manifests_age").on(t.created_at),
  ],
)

/**
 * Manifests that refer to another one, such as signatures, with the fields shown in lists but without their long
 * bodies.
 */
export const referrers = table(
  "referrers",
  {
    model_id: integer().notNull(),
    digest: text().notNull(),
    /** The digest of the manifest it refers to, which may not exist. */
    subject: text().notNull(),
    media_type: text().notNull(),
    size: integer().notNull(),
    artifact_type: text(),
    /** As many as fit; the manifest has all. */
    annotations: document().$type<Record<string, string>>(),
    created_at: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.digest] }),
    index("referrers_subject").on(t.model_id, t.subject, t.created_at, t.digest),
    foreignKey({ columns: [t.model_id, t.digest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete(
      "cascade",
    ),
  ],
)

/** The parts of a manifest: blobs or other manifests. */
export const manifest_parts = table(
  "manifest_parts",
  {
    model_id: integer().notNull(),
    manifest: text().notNull(),
    digest: text().notNull(),
    kind: text().$type<"blob" | "manifest">().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.manifest, t.digest] }),
    index("manifest_parts_digest").on(t.model_id, t.digest),
    foreignKey({ columns: [t.model_id, t.manifest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete(
      "cascade",
    ),
  ],
)

/**
 * Tags: movable names of manifests, as in `docker push HOST/owner/model:name`. A tag that names a version is an alias
 * of it.
 */
export const tags = table(
  "tags",
  {
    model_id: integer().notNull(),
    name: text().notNull(),
    digest: text().notNull(),
    moved_at: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.name] }),
    index("tags_digest").on(t.model_id, t.digest),
    foreignKey({ columns: [t.model_id, t.digest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete(
      "cascade",
    ),
  ],
)

/** Uploads in progress; their data is in a file of that name. */
export const uploads = table("uploads", {
  id: text().primaryKey(),
  model_id: integer()
    .notNull()
    .references(() => models.id, { onDelete: "cascade" }),
  owner_id: integer()
    .notNull()
    .references(() => owners.id),
  started_at: timestamp().notNull(),
  /** The size when it was last recorded, and the time of that. */
  size: integer().notNull().default(0),
  written_at: timestamp().notNull().default(""),
})

/** Whether pushing to a missing model creates it; without a row it is rejected. */
export const create_on_push = table("create_on_push", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  hardware: text()
    .notNull()
    .references(() => hardware.sku),
})
