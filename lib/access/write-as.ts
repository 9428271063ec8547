import { write, type Db } from "@/db"
import { notSignedIn, requireAdministrator, requireScope, type Actor, type Scope } from "@/lib/auth/actor"
import { problem } from "@/lib/problem"
import { allows, type Ability } from "./policy"
import { requireAbility, type AccountRef } from "./require"
import { findCurrentAccount, administers, findCurrentRoles, findCurrentSession, findCurrentToken } from "./store"

/**
 * The right needed to write: an ability for an account, and for tokens the scope `write` unless another is named.
 * `administrator` is for changes that only a signed-in administrator may make.
 */
export type Right =
  | { account: AccountRef; ability: Ability; scope?: Scope }
  | { administrator: true }
  /** A custom check: the function throws unless the current actor administers the installation. */
  | { administrator: (actor: Actor) => void }
  /** Only that the actor may still act and, if it is a token, has this scope; `fn` checks the rest. */
  | { scope: Scope }

/**
 * `write()` on behalf of an actor. Reads token or session, account and roles again inside the transaction, so that a
 * right that was just revoked no longer counts; `fn` gets the current actor. Throws `unauthenticated` for a revoked or
 * expired token, an ended session or a disabled account, and what `requireAbility`, `requireScope` and
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
  // Sent together, so that PostgreSQL answers both in one round trip.
  const [found, roles] = await Promise.all([
    actor.token_id !== undefined
      ? findCurrentToken(tx, actor.token_id)
      : actor.session_id !== undefined
        ? findCurrentSession(tx, actor.session_id)
        : findCurrentAccount(tx, actor.owner_id),
    actor.roles && findCurrentRoles(tx, actor.owner_id),
  ])
  if (found?.owner_id !== actor.owner_id) throw noLonger(actor)
  return { ...actor, username: found.username, is_admin: found.is_admin, ...(roles && { roles }) }
}

async function requireRight(tx: Db, actor: Actor, right: Right): Promise<void> {
  if ("administrator" in right) {
    const required = right.administrator === true ? requireAdministrator : right.administrator
    return required({ ...actor, is_admin: await administers(tx, actor.owner_id) })
  }
  requireScope(actor, right.scope ?? "write")
  if (!("account" in right)) return
  // The current roles exclude disabled organizations.
  requireAbility(actor, right.account, right.ability)
}

/**
 * Whether the person who granted something, such as an invitation or a transfer offer, still has the ability for that
 * account.
 */
export async function stillHasAbility(
  tx: Db,
  maker_id: number,
  ability: Ability,
  account_id: number,
): Promise<boolean> {
  const [account, roles] = await Promise.all([findCurrentAccount(tx, maker_id), findCurrentRoles(tx, maker_id)])
  if (!account) return false
  if (maker_id === account_id) return true
  const role = roles.get(account_id)
  return role !== undefined && allows(role, ability)
}

const noLonger = (actor: Actor) =>
  problem(
    "unauthenticated",
    actor.token_id === undefined
      ? "You are signed out. Sign in again."
      : actor.via === "registry"
        ? notSignedIn
        : "You did not pass a valid authentication token",
  )
