import type { FastifyReply, FastifyRequest } from "fastify"

import type { Page } from "@/lib/page"

/**
 * A page of a list as JSON. Links use the host of the request, because clients follow them with their token, and
 * repeat its parameters, because a cursor does not contain the order.
 */
export const presentPage = <T, R>(request: FastifyRequest, page: Page<T>, present: (row: T) => R) => ({
  ...linksOf(request, page),
  results: page.rows.map(present),
})

/** `presentPage` for models that are JSON text already, separated by commas. */
export const presentJsonPage = (request: FastifyRequest, page: Neighbours & { models: string }): string =>
  `${JSON.stringify(linksOf(request, page)).slice(0, -1)},"results":[${page.models}]}`

type Neighbours = Omit<Page<unknown>, "rows">

/** Sends text that is already JSON. The return type is `never` because route types expect unserialized values. */
export const sendJson = (reply: FastifyReply, text: string) =>
  reply.type("application/json; charset=utf-8").send(text) as never

function linksOf(request: FastifyRequest, page: Neighbours) {
  const path = request.url.split("?")[0]!.replace(/\/+$/, "")
  const known = request.query as Record<string, unknown>
  const asked = new Map(
    [...new URLSearchParams(request.url.split("?")[1])]
      .reverse()
      .filter(([name]) => name in known && name !== "cursor"),
  )
  const link = (cursor: string | null) => {
    if (cursor === null) return null
    return `${request.origin}${path}?${new URLSearchParams([...[...asked].reverse(), ["cursor", cursor]])}`
  }
  return { next: link(page.next), previous: link(page.previous) }
}

/** Some clients append their original parameters to a link: of a repeated parameter, the first counts. */
export function keepFirstParameters(request: FastifyRequest, _reply: FastifyReply, done: () => void) {
  const query = request.query as Record<string, unknown>
  for (const [name, value] of Object.entries(query)) if (Array.isArray(value)) query[name] = value[0]
  done()
}
