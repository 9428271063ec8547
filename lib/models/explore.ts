import type { Actor } from "@/lib/auth/actor"
import type { Account } from "@/lib/owners/owner"
import { decodeCursor, pageOfIds, type Page } from "@/lib/page"
import { listModels, pageSize, type Model } from "./model"
import { canSee } from "./policy"
import type { Visibility } from "./schema"
import { countModelsOf, listTextsOf, orderedIds } from "./explore-store"
import { rankedMatches, type SearchFacets } from "./search-store"
import { listRowsById } from "./store"
import { searchTerms } from "./search-terms"

export const exploreSorts = ["updated", "newest", "name"] as const
export type ExploreSort = (typeof exploreSorts)[number]

export type ExploreFilters = SearchFacets & {
  /** All words must match; blank matches all. */
  words?: string
  /**
   * Only this account's models, including private ones for those who may see them. Otherwise everybody's public ones.
   */
  of?: Pick<Account, "id">
  visibility?: Visibility
  /** Default: best match first for a search, otherwise newest version first. */
  sort?: ExploreSort
}

/** `total` is null where it would require counting everything. */
export type Explored = Page<Model> & { total: number | null }

const orders = { updated: "listed_at", newest: "created_at", name: "name" } as const

const nothing: Explored = { rows: [], next: null, previous: null, total: 0 }

/**
 * A page of the matching models that the actor may see. Any text is a query, and the last word may be a prefix; of
 * everybody's models, at most 500 matches are reachable. Throws `invalid` for a bad cursor.
 */
export async function exploreModels(
  actor: Actor | null,
  filters: ExploreFilters,
  from?: string,
  limit = pageSize,
): Promise<Explored> {
  const { words = "", of, hardware, has_versions, sort } = filters
  const visibility = visibilityFor(actor, filters)
  if (visibility === "none") return nothing

  const stock = { owner_id: of?.id, visibility, hardware, has_versions }
  if (words.trim() === "") {
    const order = orders[sort ?? "updated"]
    const total = stock.owner_id === undefined ? null : await countModelsOf({ ...stock, owner_id: stock.owner_id })
    return { ...(await listModels({ ...stock, order, ascending: order === "name" }, from, limit)), total }
  }

  const cursor = from === undefined ? null : decodeCursor(from)
  const matches =
    stock.owner_id === undefined
      ? await rankedMatches(words, { hardware, has_versions })
      : await matchesWithin({ ...stock, owner_id: stock.owner_id }, words)
  const ids = sort ? await orderedIds(matches, orders[sort]) : matches
  const { start, end, ...neighbours } = pageOfIds(ids, cursor, limit)
  // A model may have become private since its ID was found.
  const rows = (await listRowsById(ids.slice(start, end))).filter((model) => canSee(actor, model))
  return { rows, ...neighbours, total: ids.length }
}

/** The newest models of the actor's account and organizations, including private ones. */
export async function listNewestOwn(actor: Actor, limit: number): Promise<Model[]> {
  const pages = await Promise.all(
    accountsOf(actor).map((id) => exploreModels(actor, { of: { id }, sort: "newest" }, undefined, limit)),
  )
  return pages
    .flatMap(({ rows }) => rows)
    .sort((a, b) => b.created_at.localeCompare(a.created_at) || b.id - a.id)
    .slice(0, limit)
}

/** Maximum accounts searched per response, one query each: the actor's own and the first organizations. */
const maxAccounts = 50

const accountsOf = (actor: Actor | null): number[] =>
  actor ? [actor.owner_id, ...(actor.roles?.keys() ?? [])].slice(0, maxAccounts) : []

/** Suggestions that fit below a field. */
const maxSuggestions = 25

/** The number of models of an account that the actor may see. */
export const countModels = (actor: Actor | null, of: Pick<Account, "id">): Promise<number> =>
  countModelsOf({ owner_id: of.id, visibility: seesAllOf(actor, of) ? undefined : "public" })

/**
 * Suggestions while typing a model name: the user's and their organizations' models first, then public ones. Empty
 * input suggests the newest.
 */
export async function suggestModels(actor: Actor | null, words: string, wanted = 8): Promise<Model[]> {
  const limit = Math.min(wanted, maxSuggestions)
  if (words.trim() === "") return actor ? listNewestOwn(actor, limit) : []
  const pages = await Promise.all(
    accountsOf(actor).map((id) => exploreModels(actor, { words, of: { id } }, undefined, limit)),
  )
  const own = pages.flatMap(({ rows }) => rows).slice(0, limit)
  if (own.length === limit) return own
  const known = new Set(own.map(({ id }) => id))
  const { rows } = await exploreModels(actor, { words }, undefined, limit)
  return [...own, ...rows.filter(({ id }) => !known.has(id))].slice(0, limit)
}

const seesAllOf = (actor: Actor | null, of: Pick<Account, "id">) =>
  canSee(actor, { owner_id: of.id, visibility: "private" })

/**
 * The requested visibility, limited to what the actor may see: private models only within an account whose private
 * models are visible to them.
 */
function visibilityFor(actor: Actor | null, { of, visibility }: ExploreFilters): Visibility | "none" | undefined {
  if (of && seesAllOf(actor, of)) return visibility
  return visibility === "private" ? "none" : "public"
}

/**
 * The index contains public models only, so an account's own are searched one by one by name and description, best
 * first.
 */
async function matchesWithin(stock: Parameters<typeof listTextsOf>[0], query: string): Promise<number[]> {
  const asked = searchTerms(query.slice(0, 1000))
  if (asked.length === 0) return []
  const places: number[][] = [[], [], []]
  for (const { id, owner, name, description } of await listTextsOf(stock)) {
    const names = searchTerms(`${owner} ${name}`)
    const begin = (words: string[]) => asked.every((word) => words.some((candidate) => candidate.startsWith(word)))
    if (searchTerms(name).join(" ") === asked.join(" ")) places[0]!.push(id)
    else if (begin(names)) places[1]!.push(id)
    else if (begin([...names, ...searchTerms(description ?? "")])) places[2]!.push(id)
  }
  return places.flat()
}
