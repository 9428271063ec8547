import { document, foreignKey, index, integer, moment, primaryKey, table, text } from "@/db/kit"
import { hardware } from "./hardware"
import { models } from "./models"
import { owners } from "./owners"

/** What the registry keeps: one file for each content, however many models hold it. A row is there only once its file is whole. */
export const blobs = table("blobs", {
  /** "sha256:" and 64 hexadecimal digits, or "sha512:" and 128. */
  digest: text().primaryKey(),
  size: integer().notNull(),
  /** Its file's own name, never used twice: whoever sweeps a row away sweeps that file and no other. */
  file: text().notNull(),
  created_at: moment().notNull(),
})

/** Which model holds which content. What a model does not hold cannot be read through it. */
export const model_blobs = table(
  "model_blobs",
  {
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    digest: text()
      .notNull()
      .references(() => blobs.digest),
    linked_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.digest] }), index("model_blobs_digest").on(t.digest)],
)

/** Manifests as they were pushed, to the byte. */
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
    created_at: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.digest] }),
    // Without the bodies, which are megabytes.
    index("manifests_sizes").on(t.model_id, t.size),
    index("manifests_age").on(t.created_at),
  ],
)

/** Manifests that say something about another one, such as its signatures: what lists of them show, apart from the long bodies. */
export const referrers = table(
  "referrers",
  {
    model_id: integer().notNull(),
    digest: text().notNull(),
    /** The digest of the manifest it says something about, which need not be here. */
    subject: text().notNull(),
    media_type: text().notNull(),
    size: integer().notNull(),
    artifact_type: text(),
    /** As many as fit; all of them are in the manifest. */
    annotations: document().$type<Record<string, string>>(),
    created_at: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.digest] }),
    index("referrers_subject").on(t.model_id, t.subject, t.created_at, t.digest),
    foreignKey({ columns: [t.model_id, t.digest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete(
      "cascade",
    ),
  ],
)

/** What a manifest is made of: contents, or other manifests. */
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

/** Names for manifests that move: what `docker push HOST/owner/model:name` writes. Where it names a version it is an alias of it. */
export const tags = table(
  "tags",
  {
    model_id: integer().notNull(),
    name: text().notNull(),
    digest: text().notNull(),
    moved_at: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model_id, t.name] }),
    index("tags_digest").on(t.model_id, t.digest),
    foreignKey({ columns: [t.model_id, t.digest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete(
      "cascade",
    ),
  ],
)

/** Contents on their way here; what has arrived is in a file of that name. */
export const uploads = table("uploads", {
  id: text().primaryKey(),
  model_id: integer()
    .notNull()
    .references(() => models.id, { onDelete: "cascade" }),
  owner_id: integer()
    .notNull()
    .references(() => owners.id),
  started_at: moment().notNull(),
  /** What had arrived when it was last looked at, and when that was. */
  size: integer().notNull().default(0),
  written_at: moment().notNull().default(""),
})

/** What happens when an account pushes to a model that does not exist; without a row it is refused. */
export const create_on_push = table("create_on_push", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  hardware: text()
    .notNull()
    .references(() => hardware.sku),
})
