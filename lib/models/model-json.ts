import type { Actor } from "@/lib/auth/actor"
import { visibleAccountIds } from "@/lib/access/policy"
import { decodeCursor, pageBytes, pageOf, pageOfIds, type Page } from "@/lib/page"
import { presentCachedModelFor } from "./cached-json"
import { findCachedJson, type CachedRow } from "./cached-json-store"
import { getModel, listOf, orderOf, pageSize, type ListOptions } from "./model"
import { isKnownName } from "./name"
import { canSee } from "./policy"
import { rankedMatches } from "./search-store"
import { findCachedModel, listCachedRows, listCachedRowsById, type ModelList } from "./store"

// Models as API JSON, including the full schema of their latest version.

/** A page of models, each as JSON text. */
export type JsonPage = Omit<Page<never>, "rows"> & { models: string[] }

/** `getModel` as API JSON for the actor. `origin` is that of this installation. */
export async function getModelJson(actor: Actor | null, owner: string, name: string, origin: string): Promise<string> {
  const found = isKnownName(name) ? await findCachedModel(owner, name, visibleAccountIds(actor)) : undefined
  if (found?.cached_json && canSee(actor, found))
    return presentCachedModelFor(actor, { ...found, cached_json: found.cached_json }, origin)
  const model = await getModel(actor, owner, name)
  const cached_json = (await findCachedJson(model.id)) ?? "{}"
  return presentCachedModelFor(actor, { ...model, cached_json }, origin)
}

/** A page of all public models, newest first by default. Throws `invalid` for a bad cursor. */
export const listPublicModelsJson = (
  origin: string,
  cursor?: string,
  limit = pageSize,
  { hardware, has_versions, ...order }: ListOptions = {},
): Promise<JsonPage> =>
  listModelsJson({ visibility: "public", hardware, has_versions, ...orderOf(order) }, null, origin, cursor, limit)

/**
 * A page of an account's models, newest first: all of them for the account and its members, otherwise the public ones.
 */
export const listModelsJsonOf = (
  actor: Actor | null,
  owner: { id: number },
  origin: string,
  cursor?: string,
  limit = pageSize,
): Promise<JsonPage> => listModelsJson(listOf(actor, owner), actor, origin, cursor, limit)

/** The best public matches that fit on a page; see `searchPublicModels`. */
export async function searchPublicModelsJson(query: string, origin: string, limit = pageSize): Promise<string[]> {
  if (query.trim() === "") return (await listPublicModelsJson(origin, undefined, limit)).models
  const ids = await rankedMatches(query, {})
  const { start, end } = pageOfIds(ids, null, limit)
  return modelsJson(ids.slice(start, end), origin)
}

/** Those of the given models that fit on a page, in order, without deleted and private ones. */
export async function modelsJson(ids: number[], origin: string): Promise<string[]> {
  const rows = (await listCachedRowsById(ids)).filter(({ visibility }) => visibility === "public")
  return (await withinPage(rows, null, origin)).models
}

async function listModelsJson(
  list: ModelList,
  actor: Actor | null,
  origin: string,
  from: string | undefined,
  limit: number,
): Promise<JsonPage> {
  const cursor = from === undefined ? null : decodeCursor(from)
  const fetched = await listCachedRows(list, cursor, limit)
  const { count, models } = await withinPage(fetched.slice(0, limit), actor, origin)
  const { next, previous } = pageOf(fetched, count, cursor, ({ at, id }) => [at, id])
  return { next, previous, models: cursor?.reverse ? models.reverse() : models }
}

/** The JSON of the leading rows that fit, and their number. */
async function withinPage(rows: CachedRow[], actor: Actor | null, origin: string) {
  const models: string[] = []
  let bytes = 0
  let count = 0
  for (const row of rows) {
    // The size of JSON that is not cached yet is unknown until it is built.
    if (count > 0 && bytes + (row.bytes ?? 0) > pageBytes) break
    const cached_json = row.cached_json ?? (await findCachedJson(row.id))
    if (cached_json !== null) models.push(presentCachedModelFor(actor, { ...row, cached_json }, origin))
    bytes += row.bytes ?? cached_json?.length ?? 0
    count++
  }
  return { models, count }
}
