import { eq } from "drizzle-orm"

import { read } from "@/db"
import { models } from "@/db/schema"

/** Whether any model uses this upload, according to the newest state. */
export async function coverIsUsed(cover_upload: string): Promise<boolean> {
  const [model] = await read()
    .select({ id: models.id })
    .from(models)
    .where(eq(models.cover_upload, cover_upload))
    .limit(1)
  return model !== undefined
}
