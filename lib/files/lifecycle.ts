import { files } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { expireFiles } from "./store"

export const filesLifecycle: AccountLifecycle = {
  tables: [files],
  disable: { kept: "They are there again with the account." },
  /** The job for expired files deletes them with their contents. */
  close: expireFiles,
  export: { kept: "They are listed and read at /v1/files, for as long as they are kept." },
}
