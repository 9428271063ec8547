import { idempotency_keys } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteKeysOf } from "./store"

export const idempotencyLifecycle: AccountLifecycle = {
  tables: [idempotency_keys],
  disable: { kept: "They open nothing, and are gone in a day." },
  close: deleteKeysOf,
  export: { kept: "They repeat answers that were given, and are gone in a day." },
}
