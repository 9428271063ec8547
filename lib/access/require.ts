import type { Actor } from "@/lib/auth/actor"
import { missing, problem } from "@/lib/problem"
import { abilities, may, type Ability } from "./policy"

/** The account that an actor acts for. */
export type AccountRef = { id: number; username: string }

/**
 * Throws `missing` unless the actor may see the account, and `forbidden`, naming the roles with the ability, to members
 * without it.
 */
export function requireAbility(actor: Actor, account: AccountRef, ability: Ability): void {
  if (may(actor, ability, account.id)) return
  if (!may(actor, "see", account.id)) throw missing()
  throw problem(
    "forbidden",
    `${capitalized(abilities[ability].label)}: in ${account.username}, only ${rolesWith(ability)} can do this.`,
  )
}

/** Throws `forbidden` for tokens: joining, creating and deleting accounts is for people. */
export function requirePerson(actor: Actor): void {
  if (actor.token_id !== undefined) throw problem("forbidden", "Tokens cannot do this. Sign in in the browser.")
}

/** "owners and admins", for sentences. */
export const rolesWith = (ability: Ability): string =>
  abilities[ability].roles
    .map((role) => `${role}s`)
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1")

const capitalized = (text: string) => text[0]!.toUpperCase() + text.slice(1)
