import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { FoundBody, foundJson } from "@/lib/search/present"
import { SearchQuery } from "@/lib/search/schema"
import { searchEverything } from "@/lib/search/search"
import { sendJson } from "./paging"
import { ProblemBody } from "./schemas"

/** In the contract, this error is plain JSON instead of a problem. */
const queryIsRequired = { detail: 'Query parameter "query" is required' }
const refused = {
  content: {
    "application/json": { schema: z.object({ detail: z.string() }) },
    "application/problem+json": { schema: ProblemBody },
  },
}

export const search: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/search",
    {
      config: { open: true },
      attachValidation: true,
      schema: {
        operationId: "search",
        summary: "Search public models and collections",
        description: "Needs no token.",
        tags: ["Search"],
        security: [],
        querystring: SearchQuery,
        response: { 200: FoundBody, 400: refused },
      },
    },
    async ({ query, origin, validationError }, reply) => {
      if (!query.query) return reply.code(400).send(queryIsRequired)
      if (validationError) throw validationError
      return sendJson(reply, foundJson(await searchEverything(query.query, origin, query.limit)))
    },
  )
}
