import { recovery_codes, second_factors } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { forgetFactor } from "./store"
import { getTwoFactorStatus } from "./two-factor"

export const twoFactorLifecycle: AccountLifecycle = {
  tables: [second_factors, recovery_codes],
  disable: { kept: "Whoever is enabled again signs in as before." },
  close: async (tx, id) => void (await forgetFactor(tx, id)),
  export: async ({ owner_id }) => ({ two_step_sign_in: await getTwoFactorStatus(owner_id) }),
}
