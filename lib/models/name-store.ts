import { and, eq, inArray } from "drizzle-orm"

import { read } from "@/db"
import { models } from "@/db/schema"

/** Which of the names the owner already has a model of. */
export async function namesInUse(owner_id: number, names: string[]): Promise<Set<string>> {
  const rows = await read()
    .select({ name: models.name })
    .from(models)
    .where(and(eq(models.owner_id, owner_id), inArray(models.name, names)))
  return new Set(rows.map((row) => row.name))
}
