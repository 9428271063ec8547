import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { listCollections } from "@/lib/collections/collection"
import { getCollectionJson } from "@/lib/collections/collection-json"
import { CollectionBody, presentCollection, WholeCollectionBody } from "@/lib/collections/present"
import { presentPage, sendJson } from "./paging"
import { ListQuery, pageOfBody, refusals } from "./schemas"

export const collections: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/collections",
    {
      schema: {
        operationId: "collections.list",
        summary: "List collections of models",
        tags: ["Collections"],
        querystring: ListQuery,
        response: { 200: pageOfBody(CollectionBody), ...refusals(400, 401) },
      },
    },
    async (request) => presentPage(request, await listCollections(request.query.cursor), presentCollection),
  )

  v1.get(
    "/collections/:slug",
    {
      schema: {
        operationId: "collections.get",
        summary: "Get a collection with its models",
        tags: ["Collections"],
        params: z.object({ slug: z.string() }),
        response: { 200: WholeCollectionBody, ...refusals(401, 404) },
      },
    },
    async ({ params, origin }, reply) => sendJson(reply, await getCollectionJson(params.slug, origin)),
  )
}
