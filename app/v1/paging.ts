import type { FastifyRequest } from "fastify"

import type { Page } from "@/lib/page"

/**
 * A page of a list as JSON. The links carry the host the request came to, because clients follow them with their token, and what the
 * list was asked for, because a cursor alone does not say in which order it goes on.
 */
export function presentPage<T, R>(request: FastifyRequest, page: Page<T>, present: (row: T) => R) {
  const path = request.url.split("?")[0]!.replace(/\/+$/, "")
  const { cursor: _, ...asked } = request.query as Record<string, string | undefined>
  const link = (cursor: string | null) => {
    if (cursor === null) return null
    const query = new URLSearchParams(Object.entries({ ...asked, cursor }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
    return `${request.site}${path}?${query}`
  }
  return { next: link(page.next), previous: link(page.previous), results: page.rows.map(present) }
}

/** Some clients follow a link and append what they first asked for again: of a parameter that is there twice, the first counts. */
export async function keepFirstParameters(request: FastifyRequest) {
  const query = request.query as Record<string, unknown>
  for (const [name, value] of Object.entries(query)) if (Array.isArray(value)) query[name] = value[0]
}
