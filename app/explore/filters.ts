import { param } from "@/lib/next/page"
import { exploreSorts, type ExploreFilters, type ExploreSort } from "@/lib/models/explore"

export const wordsLimit = 200

/** What the address of the explore page says. */
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
    // Without words the latest versions come first anyway.
    sort: sort === "updated" && !q ? "" : sort,
  }
}

/** The same as a query string, without what was not asked for and in the order of the form. */
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

/** `account` is the viewer's own; without one nobody has models of their own. */
export const filtersOf = (asked: Asked, account: { id: number } | null): ExploreFilters => ({
  words: asked.q,
  of: asked.show && account ? account : undefined,
  visibility: asked.show === "mine-public" ? "public" : asked.show === "mine-private" ? "private" : undefined,
  hardware: asked.hardware || undefined,
  has_versions: asked.versions === "1",
  sort: asked.sort || undefined,
})

export const addressOf = (query: string): string => (query ? `/explore?${query}` : "/explore")
