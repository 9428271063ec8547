import type { Db } from "@/db"
import type * as schema from "@/db/schema"
import type { Actor, Role } from "@/lib/auth/actor"

/** Kept unchanged, with the reason. */
type Kept = { kept: string }

/** Part of the write that changes an account; `at` is its time. */
type Step = (tx: Db, account_id: number, at: string) => Promise<void>

/** Somebody who lost or changed a role in an organization. */
export type RoleChange = { organization_id: number; user_id: number; role: Role | null; at: string }

/**
 * What happens to a noun's rows when their account changes. Every noun with such rows exports one;
 * lib/accounts/lifecycle.ts lists them.
 */
export type AccountLifecycle = {
  tables: (typeof schema)[keyof typeof schema][]
  /** What prevents deleting the account, a sentence each. */
  blockers?: (db: Db, account_id: number) => Promise<string[]>
  /** When the account is disabled: ends everything that works without signing in, such as tokens and links. */
  disable: Step | Kept
  /** On delete: removes or ends everything of the account. */
  close: Step | Kept
  /** Ends what a role no longer allows. Returns details for the audit event. */
  changeRole?: (tx: Db, change: RoleChange) => Promise<Record<string, number>>
  /** Its part of the data export; never a secret. Long lists are async iterables of rows. */
  export: ((actor: Actor, origin: string) => Promise<Record<string, unknown>>) | Kept
}
