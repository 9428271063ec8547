import { flag, id, index, integer, moment, table, text, uniqueIndex } from "@/db/kit"

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

/** Links that let a person set a new password, made by administrators. */
export const password_links = table(
  "password_links",
  {
    /** SHA-256 of the secret in the link, in hex. */
    hash: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    created_at: moment().notNull(),
    expires_at: moment().notNull(),
    used_at: moment(),
  },
  (t) => [index("password_links_owner").on(t.owner_id)],
)
