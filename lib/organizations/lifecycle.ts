import { invitations, members } from "@/db/schema"
import { abilityToAssign, allows } from "@/lib/access/policy"
import { roles } from "@/lib/auth/actor"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { endInvitations } from "./invitation-store"
import { deleteMemberships, listOnlyOwned } from "./member-store"
import { listOrganizations } from "./organization"

export const organizationsLifecycle: AccountLifecycle = {
  tables: [members, invitations],
  blockers: async (db, id) =>
    (await listOnlyOwned(db, id)).map((name) => `${name} has no other owner: add one, or delete the organization.`),
  /** Memberships are ignored while it is disabled; a link may have been copied. */
  async disable(tx, id) {
    for (const which of ["organization_id", "invited_by"] as const) await endInvitations(tx, { [which]: id })
  },
  async close(tx, id) {
    await deleteMemberships(tx, id)
    for (const which of ["organization_id", "user_id", "invited_by"] as const) await endInvitations(tx, { [which]: id })
  },
  async changeRole(tx, { organization_id, user_id, role }) {
    const stillGiven = roles.filter((given) => role !== null && allows(role, abilityToAssign(given)))
    await endInvitations(tx, { organization_id, invited_by: user_id }, stillGiven)
    return {}
  },
  export: async (actor) => ({
    organizations: (await listOrganizations(actor)).map(({ organization, role }) => ({
      username: organization.username,
      role,
    })),
  }),
}
