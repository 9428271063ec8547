import type { Db } from "@/db"
import type * as schema from "@/db/schema"
import type { Actor, Role } from "@/lib/auth/actor"

/** Left as it is, and why. */
type Kept = { kept: string }

/** Part of the write that changes an account; `at` is its moment. */
type Step = (tx: Db, account_id: number, at: string) => Promise<void>

/** Somebody who has no role in an organization any more, or another one. */
export type RoleChange = { organization_id: number; user_id: number; role: Role | null; at: string }

/**
 * What becomes of a noun's rows when something happens to an account that they belong to or name. Every noun that has such rows exports one;
 * lib/accounts/lifecycle.ts lists them.
 */
export type AccountLifecycle = {
  tables: (typeof schema)[keyof typeof schema][]
  /** What has to go or be handed over before the account can be deleted, a sentence each. */
  blockers?: (db: Db, account_id: number) => Promise<string[]>
  /** Ends what works without the account being signed in. */
  disable: Step | Kept
  /** Removes or ends everything of the account. */
  close: Step | Kept
  /** Ends what a role no longer allows. Answers what there is to add to the audit event. */
  changeRole?: (tx: Db, change: RoleChange) => Promise<Record<string, number>>
  /** Its part of what a person can take along; never a secret. */
  export: ((actor: Actor, origin: string) => Promise<Record<string, unknown>>) | Kept
}
