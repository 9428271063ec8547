import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { presentVersion, VersionBody } from "@/lib/models/version-body"
import { retrySetUp } from "@/lib/predictions/set-up"
import { getTypes, typesHeaders } from "@/lib/versions/types"
import { deleteVersion, getVersion, listVersionsWithSchemas } from "@/lib/versions/version"
import { presentPage } from "./paging"
import { Empty, ListQuery, ModelRef, pageOfBody, refusals } from "./schemas"

export const VersionRef = ModelRef.extend({ id: z.string() })

export const versions: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/models/:owner/:name/versions",
    {
      schema: {
        operationId: "models.versions.list",
        summary: "List the versions of a model, newest first",
        tags: ["Versions"],
        params: ModelRef,
        querystring: ListQuery,
        response: { 200: pageOfBody(VersionBody), ...refusals(400, 401, 404) },
      },
    },
    async (request) => {
      const { actor, params, query } = request
      return presentPage(
        request,
        await listVersionsWithSchemas(actor, params.owner, params.name, query.cursor),
        presentVersion,
      )
    },
  )

  v1.get(
    "/models/:owner/:name/versions/:id",
    {
      schema: {
        operationId: "models.versions.get",
        summary: "Get a version of a model",
        tags: ["Versions"],
        params: VersionRef,
        response: { 200: VersionBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params }) => presentVersion(await getVersion(actor, params.owner, params.name, params.id)),
  )

  v1.get(
    "/models/:owner/:name/versions/:id/types/:language",
    {
      schema: {
        operationId: "models.versions.types",
        summary: "Get the types of a version's inputs and outputs as a file",
        tags: ["Versions"],
        params: VersionRef.extend({
          language: z.string().describe("`typescript`, `python` or `json-schema`"),
        }),
        response: {
          200: {
            content: {
              "text/plain": { schema: z.string() },
              "application/schema+json": { schema: z.record(z.string(), z.unknown()) },
            },
          },
          ...refusals(401, 404),
        },
      },
    },
    async ({ actor, params }, reply) => {
      const file = await getTypes(actor, params.owner, params.name, params.id, params.language)
      return reply.headers(typesHeaders(file)).send(file.text as never)
    },
  )

  v1.delete(
    "/models/:owner/:name/versions/:id",
    {
      schema: {
        operationId: "models.versions.delete",
        summary: "Delete a version of a private model",
        tags: ["Versions"],
        params: VersionRef,
        response: { 202: Empty, ...refusals(400, 401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await deleteVersion(actor, params.owner, params.name, params.id)
      return reply.code(202).send()
    },
  )

  v1.post(
    "/models/:owner/:name/versions/:id/retry",
    {
      schema: {
        operationId: "models.versions.retry",
        summary: "Try the set-up of a version again after it failed",
        tags: ["Versions"],
        params: VersionRef,
        response: { 204: Empty, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await retrySetUp(actor, params.owner, params.name, params.id)
      return reply.code(204).send()
    },
  )
}
