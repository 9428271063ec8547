import { write, type Db } from "@/db"
import { requireAdministrator, requireScope, type Actor, type Scope } from "@/lib/auth/actor"
import { missing, problem } from "@/lib/problem"
import type { Ability } from "./policy"
import { requireAbility, type AccountRef } from "./require"
import { findCurrentAccount, administers, findCurrentRoles, findCurrentSession, findCurrentToken } from "./store"

/**
 * The right needed to write: an ability for an account, and for tokens the scope `write` unless another is named.
 * `administrator` is for changes that only a signed-in administrator may make.
 */
export type Right =
  | { account: AccountRef; ability: Ability; scope?: Scope }
  | { administrator: true }
  /** Only that the actor may still act; `fn` checks the rest. */
  | { scope: Scope }

/**
 * `write()` on behalf of an actor. Token or session, account and roles are read again inside the transaction, so that
 * a right that has just been revoked changes nothing; `fn` gets the current actor. Throws `unauthenticated` for a
 * revoked or expired token, an ended session or a disabled account, and what `requireAbility`, `requireScope` and
 * `requireAdministrator` throw.
 */
export const writeAs = <T>(
  actor: Actor,
  right: Right,
  fn: (tx: Db, actor: Actor) => Promise<T>,
  row?: string,
): Promise<T> =>
  write(async (tx) => {
    const current = await reloadActor(tx, actor)
    await requireRight(tx, current, right)
    return fn(tx, current)
  }, row)

/** The actor as of this transaction. Throws `unauthenticated` if it may no longer act. */
export async function reloadActor(tx: Db, actor: Actor): Promise<Actor> {
  const found =
    actor.token_id !== undefined
      ? await findCurrentToken(tx, actor.token_id)
      : actor.session_id !== undefined
        ? await findCurrentSession(tx, actor.session_id)
        : await findCurrentAccount(tx, actor.owner_id)
  if (found?.owner_id !== actor.owner_id) throw noLonger(actor)
  const roles = actor.roles && { roles: await findCurrentRoles(tx, actor.owner_id) }
  return { ...actor, username: found.username, is_admin: found.is_admin, ...roles }
}

async function requireRight(tx: Db, actor: Actor, right: Right): Promise<void> {
  if ("administrator" in right)
    return requireAdministrator({ ...actor, is_admin: await administers(tx, actor.owner_id) })
  requireScope(actor, right.scope ?? "write")
  if (!("account" in right)) return
  const { account, ability } = right
  if (account.id !== actor.owner_id && !(await findCurrentAccount(tx, account.id))) throw missing()
  requireAbility(actor, account, ability)
}

const noLonger = (actor: Actor) =>
  problem(
    "unauthenticated",
    actor.token_id !== undefined
      ? "You did not pass a valid authentication token"
      : "You are signed out. Sign in again.",
  )
