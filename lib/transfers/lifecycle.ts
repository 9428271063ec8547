import { transfers } from "@/db/schema"
import { allows } from "@/lib/access/policy"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { withdrawOffers } from "./store"

export const transfersLifecycle: AccountLifecycle = {
  tables: [transfers],
  async disable(tx, id) {
    for (const which of ["from_id", "offered_by"] as const) await withdrawOffers(tx, { [which]: id })
  },
  async close(tx, id) {
    for (const which of ["to_id", "offered_by"] as const) await withdrawOffers(tx, { [which]: id })
  },
  async changeRole(tx, { organization_id, user_id, role }) {
    const keeps = role !== null && allows(role, "manage")
    const withdrawn = keeps ? 0 : await withdrawOffers(tx, { from_id: organization_id, offered_by: user_id })
    const details: Record<string, number> = withdrawn > 0 ? { offers_withdrawn: withdrawn } : {}
    return details
  },
  export: { kept: "Its audit events tell of every offer." },
}
