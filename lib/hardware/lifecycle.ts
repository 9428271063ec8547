import { hardware_changes } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"

const recorded = { kept: "What prices were, and who changed them, stays on record." }

export const hardwareLifecycle: AccountLifecycle = {
  tables: [hardware_changes],
  disable: recorded,
  close: recorded,
  export: recorded,
}
