import { flag, id, index, integer, moment, table, text, uniqueIndex } from "@/db/kit"

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
    created_at: moment().notNull(),
    disabled_at: moment(),
    /** Set together with disabled_at, permanently: only the name stays, so that nobody else gets it. */
    deleted_at: moment(),
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
    created_at: moment().notNull(),
    expires_at: moment().notNull(),
    used_at: moment(),
  },
  (t) => [index("password_links_owner").on(t.owner_id)],
)
