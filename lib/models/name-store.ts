import { and, eq, inArray, sql, type Column, type SQL } from "drizzle-orm"

import { read } from "@/db"
import { members, models, owners } from "@/db/schema"

/**
 * The name of a model in queries that join it and its owner, as an account may see it: empty if the model was deleted
 * or is now private to others, because a later name must not be revealed.
 */
export const nameShownTo = (account_id: Column): SQL<string> => sql<string>`case
  when ${models.visibility} = 'public' or ${models.owner_id} = ${account_id}
    or exists (select 1 from ${members} where ${members.organization_id} = ${models.owner_id} and ${members.user_id} = ${account_id})
  then coalesce(${owners.username} || '/' || ${models.name}, '') else '' end`

/** Whether everybody may see a model; false if it was deleted. */
export async function isPublic(model_id: number): Promise<boolean> {
  const [model] = await read().select({ visibility: models.visibility }).from(models).where(eq(models.id, model_id))
  return model?.visibility === "public"
}

/** The names among `names` of which the owner already has a model. */
export async function namesInUse(owner_id: number, names: string[]): Promise<Set<string>> {
  const rows = await read()
    .select({ name: models.name })
    .from(models)
    .where(and(eq(models.owner_id, owner_id), inArray(models.name, names)))
  return new Set(rows.map((row) => row.name))
}
