import type { FastifyRequest } from "fastify"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { createModel, getModel, listPublicModels, type Model } from "@/lib/models/model"
import { presentModel } from "@/lib/models/present"
import { CreateModelInput } from "@/lib/models/schema"
import type { Page } from "@/lib/page"
import { ModelBody, pageOfBody, refusals } from "./schemas"

const ModelRef = z.object({ owner: z.string(), name: z.string() })
const ListQuery = z.object({ cursor: z.string().optional() })

export const models: FastifyPluginAsyncZod = async (v1) => {
  v1.post(
    "/models",
    {
      schema: {
        operationId: "models.create",
        summary: "Create a model",
        tags: ["Models"],
        body: CreateModelInput,
        response: { 201: ModelBody, ...refusals(400, 401, 403, 409, 413) },
      },
    },
    async (request, reply) => reply.code(201).send(presentModel(await createModel(request.actor, request.body), request.site)),
  )

  v1.get(
    "/models",
    {
      schema: {
        operationId: "models.list",
        summary: "List public models, newest first",
        tags: ["Models"],
        querystring: ListQuery,
        response: { 200: pageOfBody(ModelBody), ...refusals(400, 401) },
      },
    },
    async (request) => presentPage(request, await listPublicModels(request.query.cursor)),
  )

  v1.get(
    "/models/:owner/:name",
    {
      schema: {
        operationId: "models.get",
        summary: "Get a model",
        tags: ["Models"],
        params: ModelRef,
        response: { 200: ModelBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params, site }) => presentModel(await getModel(actor, params.owner, params.name), site),
  )
}

/** The links carry the host the request came to, because clients follow them with their token. */
function presentPage(request: FastifyRequest, page: Page<Model>) {
  const link = (cursor: string | null) => cursor && `${request.site}/v1/models?cursor=${cursor}`
  return {
    next: link(page.next),
    previous: link(page.previous),
    results: page.rows.map((model) => presentModel(model, request.site)),
  }
}
