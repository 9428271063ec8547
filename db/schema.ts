import { sql } from "drizzle-orm"
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core"

import { document, flag, foreignKey, id, index, integer, json, moment, primaryKey, table, text, uniqueIndex } from "./kit"

/** Users and organizations: whoever can own a model. A row is never deleted, so a name is never given out twice. */
export const owners = table(
  "owners",
  {
    id: id(),
    type: text().$type<"user" | "organization">().notNull(),
    username: text().notNull(),
    name: text().notNull(),
    password_hash: text(),
    github_id: text(),
    github_url: text(),
    avatar_url: text(),
    /** What it says about itself on its profile. */
    description: text(),
    /** For its own person only; never part of a profile. */
    email: text(),
    is_admin: flag().notNull(),
    /** Kept with every insert and delete, so that the limit is exact and nothing is counted. */
    model_count: integer().notNull(),
    created_at: moment().notNull(),
    disabled_at: moment(),
    /** Set together with disabled_at, and for good: only the name stays, so that nobody else gets it. */
    deleted_at: moment(),
  },
  (t) => [uniqueIndex("owners_username").on(t.username), uniqueIndex("owners_github_id").on(t.github_id)],
)

/** A browser that is signed in. */
export const sessions = table(
  "sessions",
  {
    /** SHA-256 of the secret in the cookie, in hex. */
    id: text().primaryKey(),
    owner_id: integer().notNull().references(() => owners.id),
    address: text(),
    user_agent: text(),
    created_at: moment().notNull(),
    last_seen_at: moment().notNull(),
    expires_at: moment().notNull(),
    revoked_at: moment(),
  },
  (t) => [index("sessions_owner").on(t.owner_id)],
)

/** The authenticator app that somebody signs in with besides their password. A row is there only while two-step sign-in is on. */
export const second_factors = table("second_factors", {
  owner_id: integer().primaryKey().references(() => owners.id),
  /** What its codes are made from, sealed. */
  secret: text().notNull(),
  /** The time step of the last code that was accepted: it and those before it are good no more. */
  last_step: integer().notNull(),
  created_at: moment().notNull(),
})

/** What takes the place of a code when the app is lost, each once. */
export const recovery_codes = table(
  "recovery_codes",
  {
    owner_id: integer().notNull().references(() => owners.id),
    /** As passwords are kept. */
    hash: text().notNull(),
    used_at: moment(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.hash] })],
)

/** API tokens; the token itself is never stored. */
export const tokens = table(
  "tokens",
  {
    id: id(),
    owner_id: integer().notNull().references(() => owners.id),
    /** The person who made it, where that is not the account itself: an organization's token ends with its maker's right to make one. */
    issued_by: integer().references(() => owners.id),
    name: text().notNull(),
    /** SHA-256 of the whole token, in hex. */
    hash: text().notNull(),
    /** The last four characters, to recognise it by. */
    ending: text().notNull(),
    scopes: json().$type<("read" | "write" | "push")[]>().notNull(),
    /** The one model it may push to, when it was made for that. */
    model_id: integer().references((): AnySQLiteColumn => models.id, { onDelete: "cascade" }),
    created_at: moment().notNull(),
    last_used_at: moment(),
    expires_at: moment(),
    revoked_at: moment(),
  },
  (t) => [uniqueIndex("tokens_hash").on(t.hash), index("tokens_owner").on(t.owner_id, t.id)],
)

/** Who belongs to an organization, and as what. */
export const members = table(
  "members",
  {
    organization_id: integer().notNull().references(() => owners.id),
    user_id: integer().notNull().references(() => owners.id),
    role: text().$type<"owner" | "admin" | "developer" | "viewer">().notNull(),
    joined_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.organization_id, t.user_id] }), index("members_user").on(t.user_id)],
)

/** Invitations to an organization: to one person by name, or to whoever opens a link first. */
export const invitations = table(
  "invitations",
  {
    id: id(),
    organization_id: integer().notNull().references(() => owners.id),
    role: text().$type<"owner" | "admin" | "developer" | "viewer">().notNull(),
    /** Whom it is for; null for a link. */
    user_id: integer().references(() => owners.id),
    /** SHA-256 of the secret in the link, in hex; null for a person. */
    hash: text(),
    invited_by: integer().notNull().references(() => owners.id),
    created_at: moment().notNull(),
    expires_at: moment().notNull(),
    accepted_at: moment(),
    /** Taken back by the organization, or declined by the person. */
    ended_at: moment(),
  },
  (t) => [
    uniqueIndex("invitations_hash").on(t.hash),
    index("invitations_organization").on(t.organization_id, t.id),
    index("invitations_user").on(t.user_id, t.id),
  ],
)

/** Who did what to an account and what belongs to it. Rows are only ever added, in the transaction of what they tell of. */
export const events = table(
  "events",
  {
    id: id(),
    /** The account it happened to; null for what concerns the instance. */
    owner_id: integer().references(() => owners.id),
    /** Who did it; null for nobody with an account, such as a stranger who signs up. */
    actor_id: integer().references(() => owners.id),
    token_id: integer().references(() => tokens.id),
    action: text().notNull(),
    /** The name of the thing: a model, a token, a person. */
    subject: text(),
    /** What changed, as far as it is nobody's secret. */
    details: json().$type<Record<string, string | number | boolean | null>>().notNull(),
    via: text().$type<"web" | "api" | "registry" | "cli">().notNull(),
    address: text(),
    created_at: moment().notNull(),
  },
  (t) => [index("events_owner").on(t.owner_id, t.created_at, t.id), index("events_instance").on(t.created_at, t.id).where(sql`owner_id is null`)],
)

/** What models can run on: an administrator's data, first filled from hardware.json. */
export const hardware = table("hardware", {
  sku: text().primaryKey(),
  name: text().notNull(),
  /** US dollars per second as an exact decimal, such as "0.000225". */
  usd_per_second: text().notNull(),
  gpus: integer().notNull(),
  cpus: integer(),
  gpu_ram_gb: integer(),
  ram_gb: integer(),
  selectable_for: json().$type<("model" | "deployment" | "training")[]>().notNull(),
  /** Why it cannot be picked, as a sentence, when it cannot. */
  reason: text(),
  /** Other spellings that clients still send. */
  aliases: json().$type<string[]>().notNull(),
  sort: integer().notNull(),
})

/** How the catalogue of hardware came to be what it is: a row for every change, with what was and what is. */
export const hardware_changes = table(
  "hardware_changes",
  {
    id: id(),
    sku: text().notNull().references(() => hardware.sku),
    changes: json().$type<Record<string, { was: string | null; is: string | null }>>().notNull(),
    changed_by: integer().references(() => owners.id),
    changed_at: moment().notNull(),
  },
  (t) => [index("hardware_changes_newest").on(t.changed_at, t.id)],
)

/** What administrators set over the environment; a name that is not here is as the environment says. */
export const settings = table("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
  changed_at: moment().notNull(),
})

/** Links that let a person set a new password, made by administrators. */
export const password_links = table(
  "password_links",
  {
    /** SHA-256 of the secret in the link, in hex. */
    hash: text().primaryKey(),
    owner_id: integer().notNull().references(() => owners.id),
    created_at: moment().notNull(),
    expires_at: moment().notNull(),
    used_at: moment(),
  },
  (t) => [index("password_links_owner").on(t.owner_id)],
)

export const models = table(
  "models",
  {
    id: id(),
    owner_id: integer().notNull().references(() => owners.id),
    name: text().notNull(),
    description: text(),
    readme: text(),
    visibility: text().$type<"public" | "private">().notNull(),
    hardware: text().notNull().references(() => hardware.sku),
    github_url: text(),
    paper_url: text(),
    license_url: text(),
    weights_url: text(),
    cover_image_url: text(),
    /** SHA-256 of the uploaded cover image, in hex; it stands before cover_image_url, and one of the two is null. */
    cover_upload: text(),
    run_count: integer().notNull(),
    is_official: flag().notNull(),
    /** The id of the version that was pushed last; written together with it. */
    latest_version_id: text(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
    /** When the latest version was pushed, or the model created as long as it has none: its place in lists. */
    listed_at: moment().notNull(),
    /** When somebody first took an image of it from the registry; null as long as nobody has. */
    taken_at: moment(),
    /** The public JSON of the model, as lib/models/present.ts packs it; null as long as nobody has written it. */
    presented: text(),
  },
  (t) => [
    uniqueIndex("models_owner_name").on(t.owner_id, t.name),
    index("models_name").on(t.name, t.visibility),
    index("models_newest").on(t.visibility, t.created_at, t.id),
    index("models_listed").on(t.visibility, t.listed_at, t.id),
    index("models_listed_by_hardware").on(t.visibility, t.hardware, t.listed_at, t.id),
    index("models_listed_with_versions").on(t.visibility, t.listed_at, t.id).where(sql`latest_version_id is not null`),
    index("models_owner_newest").on(t.owner_id, t.created_at, t.id),
    index("models_cover").on(t.cover_upload).where(sql`cover_upload is not null`),
    index("models_unpresented").on(t.id).where(sql`presented is null`),
  ],
)

/** Names that models had before they were renamed or changed hands: their old addresses lead to where the model is now. */
export const former_names = table(
  "former_names",
  {
    owner_id: integer().notNull().references(() => owners.id),
    name: text().notNull(),
    model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
    left_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.name] }), index("former_names_model").on(t.model_id)],
)

/** Models that are offered to another account. */
export const transfers = table(
  "transfers",
  {
    id: id(),
    model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
    from_id: integer().notNull().references(() => owners.id),
    to_id: integer().notNull().references(() => owners.id),
    offered_by: integer().notNull().references(() => owners.id),
    created_at: moment().notNull(),
    /** Null while the offer stands. */
    ended_at: moment(),
    outcome: text().$type<"accepted" | "declined" | "withdrawn">(),
  },
  (t) => [
    uniqueIndex("transfers_open").on(t.model_id).where(sql`ended_at is null`),
    index("transfers_model").on(t.model_id, t.id),
    index("transfers_to").on(t.to_id, t.id).where(sql`ended_at is null`),
    index("transfers_from").on(t.from_id, t.id).where(sql`ended_at is null`),
  ],
)

/** What was pushed to a model. A push of the same image is the same version, pushed again. */
export const versions = table(
  "versions",
  {
    number: id(),
    model_id: integer().notNull().references(() => models.id),
    /** SHA-256 of the pushed manifest, in hex: what every client calls the version's id. */
    id: text().notNull(),
    cog_version: text(),
    openapi_schema: document().$type<Record<string, unknown>>(),
    /** What cog.yaml said when the image was built. */
    cog_config: document().$type<Record<string, unknown>>(),
    /** The labels of the image, without the long ones that have columns of their own. */
    labels: document().$type<Record<string, string>>(),
    /** The commit it was built from. */
    revision: text(),
    /** What the image takes on disk and its layers, where it came with a push. */
    size: integer(),
    layers: integer(),
    pushed_by: integer().notNull().references(() => owners.id),
    created_at: moment().notNull(),
    pushed_at: moment().notNull(),
  },
  (t) => [uniqueIndex("versions_model_id").on(t.model_id, t.id), index("versions_newest").on(t.model_id, t.pushed_at, t.number)],
)

/** Models that administrators show together. */
export const collections = table(
  "collections",
  {
    id: id(),
    slug: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    full_description: text(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
  },
  (t) => [uniqueIndex("collections_slug").on(t.slug), index("collections_by_name").on(t.name, t.id)],
)

export const collection_models = table(
  "collection_models",
  {
    /** Ascending in the order the models were added, which is the order they are shown in. */
    place: id(),
    collection_id: integer().notNull().references(() => collections.id, { onDelete: "cascade" }),
    model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
  },
  (t) => [
    uniqueIndex("collection_models_once").on(t.collection_id, t.model_id),
    index("collection_models_shown").on(t.collection_id, t.place),
    index("collection_models_model").on(t.model_id),
  ],
)

/** What webhooks to an account are signed with: made once, when it is first asked for. */
export const webhook_secrets = table("webhook_secrets", {
  owner_id: integer().primaryKey().references(() => owners.id),
  key: text().notNull(),
  created_at: moment().notNull(),
})

/** How often something guessable was tried within the running window. */
export const attempts = table("attempts", {
  key: text().primaryKey(),
  count: integer().notNull(),
  resets_at: moment().notNull(),
})

/** Requests that carried an Idempotency-Key, and what they were answered, for a day. */
export const idempotency_keys = table(
  "idempotency_keys",
  {
    owner_id: integer().notNull().references(() => owners.id),
    key: text().notNull(),
    /** SHA-256 of the method, the path and the body, in hex. */
    request: text().notNull(),
    /** The one request that does the work, for as long as it keeps its claim alive. */
    claim: text().notNull(),
    claimed_until: moment().notNull(),
    /** Null while the work goes on. */
    status: integer(),
    headers: json().$type<Record<string, string>>(),
    body: text(),
    expires_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.key] }), index("idempotency_keys_expiry").on(t.expires_at)],
)

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
    model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
    digest: text().notNull().references(() => blobs.digest),
    linked_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.digest] }), index("model_blobs_digest").on(t.digest)],
)

/** Manifests as they were pushed, to the byte. */
export const manifests = table(
  "manifests",
  {
    model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
    digest: text().notNull(),
    media_type: text().notNull(),
    body: text().notNull(),
    size: integer().notNull(),
    artifact_type: text(),
    annotations: document().$type<Record<string, string>>(),
    /** The digest of the manifest that this one says something about. */
    subject: text(),
    created_at: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.model_id, t.digest] }), index("manifests_subject").on(t.model_id, t.subject)],
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
    foreignKey({ columns: [t.model_id, t.manifest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete("cascade"),
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
    foreignKey({ columns: [t.model_id, t.digest], foreignColumns: [manifests.model_id, manifests.digest] }).onDelete("cascade"),
  ],
)

/** Contents on their way here; what has arrived is in a file of that name. */
export const uploads = table("uploads", {
  id: text().primaryKey(),
  model_id: integer().notNull().references(() => models.id, { onDelete: "cascade" }),
  owner_id: integer().notNull().references(() => owners.id),
  started_at: moment().notNull(),
})

/** What happens when an account pushes to a model that does not exist; without a row it is refused. */
export const create_on_push = table("create_on_push", {
  owner_id: integer().primaryKey().references(() => owners.id),
  hardware: text().notNull().references(() => hardware.sku),
})
