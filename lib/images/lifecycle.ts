import { uploads } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"

const swept = { kept: "Nobody can go on with an upload, and one that is given up is swept after a day." }

export const imagesLifecycle: AccountLifecycle = {
  tables: [uploads],
  disable: swept,
  close: swept,
  export: { kept: "What was pushed can be pulled." },
}
