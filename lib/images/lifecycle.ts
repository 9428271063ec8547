import { uploads } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"

const swept = {
  kept: "Uploads cannot be continued without the account; garbage collection deletes abandoned ones after a day.",
}

export const imagesLifecycle: AccountLifecycle = {
  tables: [uploads],
  disable: swept,
  close: swept,
  export: { kept: "What was pushed can be pulled." },
}
