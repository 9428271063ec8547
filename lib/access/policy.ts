import type { Actor, Role } from "@/lib/auth/actor"

const everybody: readonly Role[] = ["owner", "admin", "developer", "viewer"]
const makers: readonly Role[] = ["owner", "admin", "developer"]
const keepers: readonly Role[] = ["owner", "admin"]
const owners: readonly Role[] = ["owner"]

/** What a member may do for an organization, and in which roles: the one table that every verb and the members page go by. */
export const abilities = {
  see: { label: "See private models and who the members are", roles: everybody },
  create: { label: "Create models", roles: makers },
  run: { label: "Run models for the organization, and cancel and delete what ran", roles: makers },
  edit: { label: "Push versions, change models and what they run on", roles: makers },
  manage: { label: "Rename, transfer and delete models, and change who sees them", roles: keepers },
  tokens: { label: "Issue and revoke API tokens of the organization", roles: keepers },
  members: { label: "Invite and remove members and change their roles", roles: keepers },
  events: { label: "Read the audit log", roles: keepers },
  profile: { label: "Change the profile", roles: keepers },
  owners: { label: "Make somebody an owner, and change or remove owners", roles: owners },
  close: { label: "Delete the organization", roles: owners },
} as const satisfies Record<string, { label: string; roles: readonly Role[] }>

export type Ability = keyof typeof abilities

export const allows = (role: Role, ability: Ability): boolean => abilities[ability].roles.includes(role)

/** Whether an actor may do this for an account: everything for its own, and for an organization what its role there allows. */
export function may(actor: Actor | null, ability: Ability, owner_id: number): boolean {
  if (!actor) return false
  if (actor.owner_id === owner_id) return true
  const role = actor.roles?.get(owner_id)
  return role !== undefined && allows(role, ability)
}

/** The accounts whose private things the actor sees, as `,1,2,`: with a comma on either side of each, so that it can be looked for in a query. */
export function seenAccounts(actor: Actor | null): string {
  if (!actor) return ","
  const organizations = actor.roles ? [...actor.roles].filter(([, role]) => allows(role, "see")).map(([id]) => id) : []
  return `,${[actor.owner_id, ...organizations].join(",")},`
}

/** Which ability it takes to give somebody a role, or to take it from them. */
export const abilityOver = (...roles: Role[]): Ability => (roles.includes("owner") ? "owners" : "members")
