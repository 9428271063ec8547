import { create_on_push } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteCreateOnPush } from "./store"

export const registryLifecycle: AccountLifecycle = {
  tables: [create_on_push],
  disable: { kept: "Nobody can push meanwhile." },
  close: deleteCreateOnPush,
  export: { kept: "A setting of the account page, and no more than the name of a piece of hardware." },
}
