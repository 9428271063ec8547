import { flag, id, index, integer, timestamp, table, text, uniqueIndex } from "@/db/kit"

/** Accounts: users and organizations. Rows are never deleted, so that names are never given out twice. */
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
    /** The text on its profile. */
    description: text(),
    /** Contact email; never part of a profile. */
    email: text(),
    is_admin: flag().notNull(),
    /** Updated with every insert and delete, so that the limit is exact without counting. */
    model_count: integer().notNull(),
    created_at: timestamp().notNull(),
    disabled_at: timestamp(),
    /** Set together with disabled_at, permanently: only the name stays, so that nobody else gets it. */
    deleted_at: timestamp(),
  },
  (t) => [uniqueIndex("owners_username").on(t.username), uniqueIndex("owners_github_id").on(t.github_id)],
)

/** Links for setting a new password, created by administrators. */
export const password_links = table(
  "password_links",
  {
    /** SHA-256 of the link's secret in hex. */
    hash: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    expires_at: timestamp().notNull(),
    used_at: timestamp(),
  },
  (t) => [index("password_links_owner").on(t.owner_id)],
)
