import { pools } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"

export const poolsLifecycle: AccountLifecycle = {
  tables: [pools],
  disable: { kept: "Deployments and trainings end what runs in their pools." },
  close: { kept: "Deployments and trainings end what runs in their pools; what it cost stays in the ledger." },
  export: { kept: "They say nothing that the deployments and trainings do not say." },
}
