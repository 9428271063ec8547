import type { Actor } from "@/lib/auth/actor"
import { visibleAccountIds } from "@/lib/access/policy"
import { decodeCursor, pageBytes, pageOf, pageOfIds, type Cursor, type Page } from "@/lib/page"
import { fillForActor, fillOrigin, fillRunCount, type Cached } from "./cached-json"
import { findCachedJson, type CachedRow } from "./cached-json-store"
import { getModel, listOf, orderOf, pageSize } from "./model"
import { isKnownName } from "./name"
import { canSee } from "./policy"
import type { ModelOrder } from "./schema"
import { rankedMatches } from "./search-store"
import { findCachedModel, listCachedRows, listCachedRowsById, listOwnCachedRows, type ModelList } from "./store"

// Models as API JSON, including the full schema of their latest version.

/** A page of models as JSON text, separated by commas. */
export type JsonPage = Omit<Page<never>, "rows"> & { models: string }

/** `getModel` as API JSON for the actor. `origin` is that of this installation. */
export async function getModelJson(actor: Actor | null, owner: string, name: string, origin: string): Promise<string> {
  const found = isKnownName(name) ? await findCachedModel(owner, name, visibleAccountIds(actor)) : undefined
  if (found?.cached_json && canSee(actor, found))
    return fillOrigin(fillForActor(actor, { ...found, cached_json: found.cached_json }), origin)
  const model = await getModel(actor, owner, name)
  const cached_json = (await findCachedJson(model.id)) ?? "{}"
  return fillOrigin(fillForActor(actor, { ...model, cached_json }), origin)
}

/** A page of all public models, newest first by default. Throws `invalid` for a bad cursor. */
export const listPublicModelsJson = (
  origin: string,
  cursor?: string,
  limit = pageSize,
  order: ModelOrder = {},
): Promise<JsonPage> => listModelsJson({ visibility: "public", ...orderOf(order) }, null, origin, cursor, limit)

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

/** The best public matches that fit on a page, each as JSON text. A blank query lists all; any text is a query. */
export async function searchPublicModelsJson(query: string, origin: string, limit = pageSize): Promise<string[]> {
  if (query.trim() === "") {
    const { models } = await listModelTexts({ visibility: "public", ...orderOf({}) }, null, undefined, limit)
    return models.map((text) => fillOrigin(text, origin))
  }
  const ids = await rankedMatches(query, {})
  const { start, end } = pageOfIds(ids, null, limit)
  return modelsJson(ids.slice(start, end), origin)
}

/** Those of the given models that fit on a page, each as JSON text, in order, without deleted and private ones. */
export async function modelsJson(ids: number[], origin: string): Promise<string[]> {
  const { models } = await withinPage(await listCachedRowsById(ids), fillRunCount)
  return models.map((text) => fillOrigin(text, origin))
}

async function listModelsJson(
  list: ModelList,
  actor: Actor | null,
  origin: string,
  from: string | undefined,
  limit: number,
): Promise<JsonPage> {
  const { models, ...neighbours } = await listModelTexts(list, actor, from, limit)
  return { ...neighbours, models: fillOrigin(models.join(","), origin) }
}

/** A page of models, each as JSON text without the origin. */
async function listModelTexts(list: ModelList, actor: Actor | null, from: string | undefined, limit: number) {
  const cursor = from === undefined ? null : decodeCursor(from)
  const { fetched, count, models } = actor
    ? await fetchPage(listOwnCachedRows, (row) => fillForActor(actor, row))
    : await fetchPage(listCachedRows, fillRunCount)
  const { next, previous } = pageOf(fetched, count, cursor, ({ at, id }) => [at, id])
  return { next, previous, models: cursor?.reverse ? models.reverse() : models }

  async function fetchPage<R extends CachedRow & { at: string }>(
    listRows: (list: ModelList, cursor: Cursor | null, limit: number) => Promise<R[]>,
    textOf: (row: R & Cached) => string,
  ) {
    const fetched: (CachedRow & { at: string })[] = await listRows(list, cursor, limit)
    return { fetched, ...(await withinPage(fetched.slice(0, limit) as R[], textOf)) }
  }
}

/** The JSON of the leading rows that fit, without the origin, and their number. */
async function withinPage<R extends CachedRow>(rows: R[], textOf: (row: R & Cached) => string) {
  const models: string[] = []
  let bytes = 0
  let count = 0
  for (const row of rows) {
    // The size of JSON that is not cached yet is unknown until it is built.
    if (count > 0 && bytes + (row.bytes ?? 0) > pageBytes) break
    const cached_json = row.cached_json ?? (await findCachedJson(row.id))
    if (cached_json !== null)
      models.push(textOf(row.cached_json === null ? { ...row, cached_json } : (row as R & Cached)))
    bytes += row.bytes ?? cached_json?.length ?? 0
    count++
  }
  return { models, count }
}
