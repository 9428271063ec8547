import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { createModel, deleteModel, pageSize, updateModel } from "@/lib/models/model"
import { getReadme } from "@/lib/models/readme"
import { getModelJson, listPublicModelsJson, searchPublicModelsJson } from "@/lib/models/model-json"
import { ModelBody, presentNewModel } from "@/lib/models/present"
import { CreateModelInput, ModelOrder, UpdateModelInput } from "@/lib/models/schema"
import { missing } from "@/lib/problem"
import { presentJsonPage, sendJson } from "./paging"
import { Empty, ListQuery, ModelRef, pageOfBody, refusals } from "./schemas"

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
    async ({ actor, body, origin }, reply) =>
      reply.code(201).send(presentNewModel(actor, await createModel(actor, body), origin)),
  )

  v1.get(
    "/models",
    {
      schema: {
        operationId: "models.list",
        summary: "List public models, by latest version, newest first",
        tags: ["Models"],
        querystring: ListQuery.extend({
          ...ModelOrder.shape,
          limit: z.coerce.number().int().min(1).max(100).default(pageSize).describe("Models per page"),
        }),
        response: { 200: pageOfBody(ModelBody), ...refusals(400, 401) },
      },
    },
    async (request, reply) => {
      const { cursor, limit, ...order } = request.query
      return sendJson(reply, presentJsonPage(request, await listPublicModelsJson(request.origin, cursor, limit, order)))
    },
  )

  v1.route({
    method: "QUERY",
    url: "/models",
    schema: {
      operationId: "models.search",
      summary: "Search public models, best match first",
      tags: ["Models"],
      consumes: ["text/plain"],
      body: z.string().describe("The search query, as text or as a JSON string"),
      response: { 200: pageOfBody(ModelBody), ...refusals(400, 401, 413) },
    },
    // Fastify rejects a QUERY without a content type; here every body is text.
    onRequest: async ({ raw }) => void (raw.headers["content-type"] ??= "text/plain"),
    handler: async (request, reply) => {
      const models = await searchPublicModelsJson(textOf(request.body), request.origin)
      return sendJson(reply, presentJsonPage(request, { models: models.join(","), next: null, previous: null }))
    },
  })

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
    async ({ actor, params, origin }, reply) =>
      sendJson(reply, await getModelJson(actor, params.owner, params.name, origin)),
  )

  v1.patch(
    "/models/:owner/:name",
    {
      schema: {
        operationId: "models.update",
        summary: "Update a model",
        description: "Omitted fields stay unchanged; `null` or an empty string clears a text or a link.",
        tags: ["Models"],
        params: ModelRef,
        body: UpdateModelInput,
        response: { 200: ModelBody, ...refusals(400, 401, 403, 404, 413) },
      },
    },
    async ({ actor, params, body, origin }, reply) => {
      await updateModel(actor, params.owner, params.name, body)
      return sendJson(reply, await getModelJson(actor, params.owner, params.name, origin))
    },
  )

  v1.delete(
    "/models/:owner/:name",
    {
      schema: {
        operationId: "models.delete",
        summary: "Delete a private model without versions",
        tags: ["Models"],
        params: ModelRef,
        response: { 204: Empty, ...refusals(400, 401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await deleteModel(actor, params.owner, params.name)
      return reply.code(204).send()
    },
  )

  v1.get(
    "/models/:owner/:name/readme",
    {
      schema: {
        operationId: "models.readme.get",
        summary: "Get the README of a model as Markdown",
        tags: ["Models"],
        params: ModelRef,
        response: { 200: { content: { "text/plain": { schema: z.string() } } }, ...refusals(401, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      const readme = await getReadme(actor, params.owner, params.name)
      if (readme === null) throw missing()
      return reply.type("text/plain; charset=utf-8").send(readme)
    },
  )
}

/** Clients send the query as text or as a JSON string. */
function textOf(body: unknown): string {
  if (typeof body !== "string") return ""
  try {
    const value = JSON.parse(body)
    if (typeof value === "string") return value
  } catch {
    // Plain text.
  }
  return body
}
