import { eq } from "drizzle-orm"

import { read } from "@/db"
import { models } from "@/db/schema"

/** Whether any model shows this upload. Asks the newest state, so that a claim that was just made counts. */
export async function coverIsUsed(cover_upload: string): Promise<boolean> {
  const [model] = await read()
    .select({ id: models.id })
    .from(models)
    .where(eq(models.cover_upload, cover_upload))
    .limit(1)
  return model !== undefined
}
