import { file_upload_parts, file_uploads, files } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { expireFiles } from "./store"
import { deleteUploadsOf } from "./upload-store"

export const filesLifecycle: AccountLifecycle = {
  tables: [files, file_uploads, file_upload_parts],
  disable: { kept: "They are there again with the account." },
  /** Later, jobs delete the expired files, and the contents of unfinished uploads. */
  close: async (tx, owner_id, at) => {
    await expireFiles(tx, owner_id, at)
    await deleteUploadsOf(tx, owner_id)
  },
  export: { kept: "They are listed and read at /v1/files, for as long as they are kept." },
}
