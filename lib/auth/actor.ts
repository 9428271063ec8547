import { missing, problem } from "@/lib/problem"

/** What a token allows: `read` reads, `write` creates and changes, `push` pushes versions. */
export const scopes = ["read", "write", "push"] as const
export type Scope = (typeof scopes)[number]

/** The roles of an organization. */
export const roles = ["owner", "admin", "developer", "viewer"] as const
export type Role = (typeof roles)[number]

/** Who is asking. Every entry point creates one; other code does not depend on how they authenticated. */
export type Actor = {
  owner_id: number
  username: string
  is_admin: boolean
  /** The source of the request. It grants nothing. */
  via: "web" | "api" | "registry" | "cli"
  scopes: readonly Scope[]
  /** The token used, if any. */
  token_id?: number
  /** The session used, if any. */
  session_id?: string
  /** The only model that the token may push to, if it is limited to one. */
  model_id?: number
  /** A person's roles by organization, looked up for every request. A token acts for one account and has none. */
  roles?: ReadonlyMap<number, Role>
  /** The client's address, for the audit log. */
  address?: string | null
}

/** Throws `forbidden` if the actor's token lacks the scope. Signed-in people have every scope. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.scopes.includes(scope)) return
  throw problem("forbidden", withoutScope(scope))
}

/** The registry's error for an invalid or revoked token. */
export const notSignedIn =
  "The username or API token is wrong, or the token was revoked. Sign in again with docker login."

/** The error for a token without the scope. */
export const withoutScope = (scope: Scope): string =>
  `This token does not have the scope "${scope}". Create one with this scope at /account/api-tokens.`

/** Throws `missing` unless the actor is a signed-in administrator. */
export function requireAdministrator(actor: Actor): void {
  if (!actor.is_admin || actor.token_id !== undefined) throw missing()
}
