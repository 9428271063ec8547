import { write, type Db } from "@/db"
import { requireAdministrator, requireScope, type Actor, type Scope } from "@/lib/auth/actor"
import { missing, problem } from "@/lib/problem"
import type { Ability } from "./policy"
import { requireAbility, type AccountRef } from "./require"
import { accountStanding, administers, rolesStanding, sessionStanding, tokenStanding } from "./store"

/**
 * What it takes to write: an ability in an account, and nothing less than the scope `write` where a token is shown, unless another one is named.
 * `administrator` is for what only a person who administers the instance may change.
 */
export type Right =
  | { account: AccountRef; ability: Ability; scope?: Scope }
  | { administrator: true }
  /** Only that the actor may still act; `fn` checks the rest. */
  | { scope: Scope }

/**
 * `write()` for somebody. Their token or session, their account and what they are in organizations are read again inside the transaction,
 * so that no right that ended meanwhile changes anything. `fn` is given the actor as it stands then. Throws `unauthenticated` for a
 * token that was revoked or has expired, a session that ended and a disabled account, `missing` and `forbidden` as `requireAbility`,
 * `requireScope` and `requireAdministrator` do.
 */
export const writeAs = <T>(
  actor: Actor,
  right: Right,
  fn: (tx: Db, actor: Actor) => Promise<T>,
  row?: string,
): Promise<T> =>
  write(async (tx) => {
    const standing = await actorStanding(tx, actor)
    await requireRight(tx, standing, right)
    return fn(tx, standing)
  }, row)

/** The actor as of this transaction. Throws `unauthenticated` if it may no longer act. */
export async function actorStanding(tx: Db, actor: Actor): Promise<Actor> {
  const found =
    actor.token_id !== undefined
      ? await tokenStanding(tx, actor.token_id)
      : actor.session_id !== undefined
        ? await sessionStanding(tx, actor.session_id)
        : await accountStanding(tx, actor.owner_id)
  if (found?.owner_id !== actor.owner_id) throw noLonger(actor)
  const roles = actor.roles && { roles: await rolesStanding(tx, actor.owner_id) }
  return { ...actor, username: found.username, is_admin: found.is_admin, ...roles }
}

async function requireRight(tx: Db, actor: Actor, right: Right): Promise<void> {
  if ("administrator" in right)
    return requireAdministrator({ ...actor, is_admin: await administers(tx, actor.owner_id) })
  requireScope(actor, right.scope ?? "write")
  if (!("account" in right)) return
  const { account, ability } = right
  if (account.id !== actor.owner_id && !(await accountStanding(tx, account.id))) throw missing()
  requireAbility(actor, account, ability)
}

const noLonger = (actor: Actor) =>
  problem(
    "unauthenticated",
    actor.token_id !== undefined
      ? "You did not pass a valid authentication token"
      : "You are signed out. Sign in again.",
  )
