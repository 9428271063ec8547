import { id, index, integer, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"

/** Members of organizations and their roles. */
export const members = table(
  "members",
  {
    organization_id: integer()
      .notNull()
      .references(() => owners.id),
    user_id: integer()
      .notNull()
      .references(() => owners.id),
    role: text().$type<"owner" | "admin" | "developer" | "viewer">().notNull(),
    joined_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.organization_id, t.user_id] }), index("members_user").on(t.user_id)],
)

/** Invitations to an organization: to a person by name, or a link for the first to open it. */
export const invitations = table(
  "invitations",
  {
    id: id(),
    organization_id: integer()
      .notNull()
      .references(() => owners.id),
    role: text().$type<"owner" | "admin" | "developer" | "viewer">().notNull(),
    /** The invited person; null for a link. */
    user_id: integer().references(() => owners.id),
    /** SHA-256 of the link's secret in hex; null for a person. */
    hash: text(),
    invited_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    expires_at: timestamp().notNull(),
    accepted_at: timestamp(),
    /** Revoked by the organization, or declined by the person. */
    ended_at: timestamp(),
  },
  (t) => [
    uniqueIndex("invitations_hash").on(t.hash),
    index("invitations_organization").on(t.organization_id, t.id),
    index("invitations_user").on(t.user_id, t.id),
  ],
)
