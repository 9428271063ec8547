import type { Actor, Role } from "@/lib/auth/actor"

const everybody: readonly Role[] = ["owner", "admin", "developer", "viewer"]
const developerRoles: readonly Role[] = ["owner", "admin", "developer"]
const adminRoles: readonly Role[] = ["owner", "admin"]
const owners: readonly Role[] = ["owner"]

/** What a member may do for an organization, by role. Every verb and the members page use this table. */
export const abilities = {
  see: { label: "See private models and members", roles: everybody },
  create: { label: "Create models", roles: developerRoles },
  run: { label: "Run models for the organization; cancel and delete predictions", roles: developerRoles },
  deploy: { label: "Create, change and delete deployments", roles: developerRoles },
  edit: { label: "Push versions, edit models and their hardware", roles: developerRoles },
  manage: { label: "Rename, transfer and delete models, and change their visibility", roles: adminRoles },
  tokens: { label: "Create and revoke API tokens of the organization", roles: adminRoles },
  members: { label: "Invite and remove members, and change roles", roles: adminRoles },
  events: { label: "Read the audit log", roles: adminRoles },
  profile: { label: "Edit the profile", roles: adminRoles },
  owners: { label: "Add, change and remove owners", roles: owners },
  close: { label: "Delete the organization", roles: owners },
} as const satisfies Record<string, { label: string; roles: readonly Role[] }>

export type Ability = keyof typeof abilities

export const allows = (role: Role, ability: Ability): boolean => abilities[ability].roles.includes(role)

/** Whether the actor has an ability: all of them for its own account, those of its role for an organization. */
export function may(actor: Actor | null, ability: Ability, owner_id: number): boolean {
  if (!actor) return false
  if (actor.owner_id === owner_id) return true
  const role = actor.roles?.get(owner_id)
  return role !== undefined && allows(role, ability)
}

/** The accounts whose private models the actor sees, as `,1,2,`, so that a query can match `,id,`. */
export function visibleAccountIds(actor: Actor | null): string {
  if (!actor) return ","
  const organizations = actor.roles ? [...actor.roles].filter(([, role]) => allows(role, "see")).map(([id]) => id) : []
  return `,${[actor.owner_id, ...organizations].join(",")},`
}

/** The ability required to grant or revoke a role. */
export const abilityToAssign = (...roles: Role[]): Ability => (roles.includes("owner") ? "owners" : "members")
