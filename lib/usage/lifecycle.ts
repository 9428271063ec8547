import { usage } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"

const ledger = { kept: "The ledger is append-only." }

export const usageLifecycle: AccountLifecycle = {
  tables: [usage],
  disable: ledger,
  close: ledger,
  export: { kept: "Every prediction says what it cost." },
}
