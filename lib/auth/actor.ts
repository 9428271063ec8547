import { missing, problem } from "@/lib/problem"

/** What a token may be good for: `read` sees, `write` creates and changes, `push` uploads versions. */
export const scopes = ["read", "write", "push"] as const
export type Scope = (typeof scopes)[number]

/** What a person can be in an organization. */
export const roles = ["owner", "admin", "developer", "viewer"] as const
export type Role = (typeof roles)[number]

/** Who is asking. Every entry point makes one; nothing behind it asks how they authenticated. */
export type Actor = {
  owner_id: number
  username: string
  is_admin: boolean
  /** A label only: the source of the request. */
  via: "web" | "api" | "registry" | "cli"
  scopes: readonly Scope[]
  /** The token that was shown, where one was. */
  token_id?: number
  /** The row of the session, for somebody who is signed in. */
  session_id?: string
  /** The one model that token may push to, when it was made for that. */
  model_id?: number
  /** What a person is in which organization, asked anew for every request. A token speaks for one account alone and has none. */
  roles?: ReadonlyMap<number, Role>
  /** Where the request came from, for the record. */
  address?: string | null
}

/** Throws `forbidden`, naming the scope, when the actor's token was not made for this. Whoever is signed in has every scope. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.scopes.includes(scope)) return
  throw problem("forbidden", withoutScope(scope))
}

/** What is said of a token that was not made for this. */
export const withoutScope = (scope: Scope): string =>
  `This token does not have the scope "${scope}". Use one that has it, or issue one at /account/api-tokens.`

/** Throws `missing` to everybody but a person who administers the instance: to others there is no administration. */
export function requireAdministrator(actor: Actor): void {
  if (!actor.is_admin || actor.token_id !== undefined) throw missing()
}
