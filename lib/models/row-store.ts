import { and, eq, getTableColumns } from "drizzle-orm"

import type { Db } from "@/db"
import { models, owners, versions } from "@/db/schema"

const { readme: _readme, readme_html: _html, cached_json: _cachedJson, ...own } = getTableColumns(models)
const modelColumns = {
  ...own,
  owner: owners.username,
  latest_version: {
    id: versions.id,
    created_at: versions.created_at,
    cog_version: versions.cog_version,
    openapi_schema: versions.openapi_schema,
  },
}

/** Whole models, for any condition. */
export const selectModels = (db: Db) =>
  db
    .select(modelColumns)
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .leftJoin(versions, and(eq(versions.model_id, models.id), eq(versions.id, models.latest_version_id)))
