import { param } from "@/lib/next/page"
import { exploreSorts, type ExploreFilters, type ExploreSort } from "@/lib/models/explore"

export const wordsLimit = 200

/** The filters in the query of the explore page. */
export type Asked = {
  q: string
  show: "" | "mine" | "mine-public" | "mine-private"
  hardware: string
  versions: "" | "1"
  sort: "" | ExploreSort
}

type Query = Record<string, string | string[] | undefined>

export function readFilters(query: Query): Asked {
  const one = <T extends string>(name: string, known: readonly T[]): T | "" =>
    known.find((value) => value === param(query[name])) ?? ""
  const q = (param(query.q) ?? "").trim().slice(0, wordsLimit)
  const sort = one("sort", exploreSorts)
  return {
    q,
    show: one("show", ["mine", "mine-public", "mine-private"] as const),
    hardware: (param(query.hardware) ?? "").trim().slice(0, 100),
    versions: one("versions", ["1"] as const),
    // Without a search, recently updated is the default.
    sort: sort === "updated" && !q ? "" : sort,
  }
}

/** The filters as a query string, without defaults and in the order of the form. */
export function queryFor(asked: Asked, more: Record<string, string> = {}): string {
  const named = [
    ["q", asked.q],
    ["show", asked.show],
    ["hardware", asked.hardware],
    ["sort", asked.sort],
    ["versions", asked.versions],
    ...Object.entries(more),
  ]
  return new URLSearchParams(named.filter(([, value]) => value) as [string, string][]).toString()
}

/** `account` is the viewer's; without one, "only mine" matches nothing. */
export const filtersOf = (asked: Asked, account: { id: number } | null): ExploreFilters => ({
  words: asked.q,
  of: asked.show && account ? account : undefined,
  visibility: asked.show === "mine-public" ? "public" : asked.show === "mine-private" ? "private" : undefined,
  hardware: asked.hardware || undefined,
  has_versions: asked.versions === "1",
  sort: asked.sort || undefined,
})

export const addressOf = (query: string): string => (query ? `/explore?${query}` : "/explore")
