import { tokens } from "@/db/schema"
import { allows } from "@/lib/access/policy"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { presentToken } from "./present"
import { waitForTokenWrites, revokeTokens } from "./store"
import { listTokens } from "./token"

export const tokensLifecycle: AccountLifecycle = {
  tables: [tokens],
  /**
   * Its own tokens are disabled and enabled with it; those it created for organizations work without it and may have
   * been copied.
   */
  async disable(tx, id, at) {
    await waitForTokenWrites(tx, id)
    await revokeTokens(tx, { issued_by: id }, at)
  },
  async close(tx, id, at) {
    await revokeTokens(tx, { owner_id: id }, at)
    await revokeTokens(tx, { issued_by: id }, at)
  },
  async changeRole(tx, { organization_id, user_id, role, at }) {
    if (!role || !allows(role, "tokens")) await revokeTokens(tx, { owner_id: organization_id, issued_by: user_id }, at)
    return {}
  },
  export: async (actor) => ({ tokens: (await listTokens(actor)).map(presentToken) }),
}
