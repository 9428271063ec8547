export const scopes = ["read", "write", "push"] as const
export type Scope = (typeof scopes)[number]

/** Who is asking. Every door makes one; behind the door nobody asks how it came about. */
export type Actor = {
  owner_id: number
  username: string
  is_admin: boolean
  /** A label only: which door this came through. */
  via: "web" | "api" | "registry" | "cli"
  scopes: readonly Scope[]
}

/** Whether what this actor does counts as done by that account. */
export const actsFor = (actor: Actor, username: string): boolean => actor.username === username
