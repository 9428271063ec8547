import { and, eq, getTableColumns } from "drizzle-orm"

import type { Db } from "@/db"
import { models, owners, versions } from "@/db/schema"

const {
  readme: _readme,
  readme_html: _html,
  cached_json: _cachedJson,
  default_example,
  ...own
} = getTableColumns(models)
const latest_version = { id: versions.id, created_at: versions.created_at, cog_version: versions.cog_version }
const ofLatestVersion = and(eq(versions.model_id, models.id), eq(versions.id, models.latest_version_id))

/** Models for lists and pages, to be filtered. */
export const selectModels = (db: Db) =>
  db
    .select({ ...own, owner: owners.username, latest_version })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .leftJoin(versions, ofLatestVersion)

/** Models with all API fields, which can be megabytes each. */
export const selectApiModels = (db: Db) =>
  db
    .select({
      ...own,
      default_example,
      owner: owners.username,
      latest_version: { ...latest_version, openapi_schema: versions.openapi_schema },
    })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .leftJoin(versions, ofLatestVersion)
