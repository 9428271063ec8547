import { Readable } from "node:stream"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { cancelBatch, exportBatch, getBatch, listBatches } from "@/lib/batches/batch"
import { checkBatch, createBatch, tryVersion } from "@/lib/batches/create"
import { BatchBody, BatchEstimateBody, BatchProgressBody, presentBatch, presentProgress } from "@/lib/batches/present"
import { NewBatch, NewTrial } from "@/lib/batches/schema"
import { presentPage } from "./paging"
import { bodyLimit } from "./predictions"
import { ListQuery, pageOfBody, refusals } from "./schemas"
import { VersionRef } from "./versions"

const BatchRef = z.object({ id: z.string() })

export const batches: FastifyPluginAsyncZod = async (v1) => {
  v1.post(
    "/batches",
    {
      bodyLimit,
      config: { limit: "create", unstored: true },
      schema: {
        operationId: "batches.create",
        summary: "Run many inputs, a few at a time",
        description: "Nothing runs unless the version accepts all inputs.",
        tags: ["Batches"],
        body: NewBatch,
        response: { 201: BatchBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async ({ actor, body, origin }, reply) => {
      const batch = presentBatch(await createBatch(actor, body, origin), origin)
      return reply.code(201).header("location", batch.urls.get).send(batch)
    },
  )

  v1.post(
    "/batches/estimate",
    {
      bodyLimit,
      config: { unstored: true },
      schema: {
        operationId: "batches.estimate",
        summary: "Validate a batch and estimate its cost, without running it",
        tags: ["Batches"],
        body: NewBatch,
        response: { 200: BatchEstimateBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async ({ actor, body }) => checkBatch(actor, body),
  )

  v1.post(
    "/models/:owner/:name/versions/:id/trials",
    {
      config: { limit: "create", unstored: true },
      schema: {
        operationId: "models.versions.trials.create",
        summary: "Try a version: run it on inputs of other versions",
        tags: ["Batches"],
        params: VersionRef,
        body: NewTrial,
        response: { 201: BatchBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async ({ actor, params: { owner, name, id }, body, origin }, reply) => {
      const trial = presentBatch(await tryVersion(actor, owner, name, id, body, origin), origin)
      return reply.code(201).header("location", trial.urls.get).send(trial)
    },
  )

  v1.get(
    "/batches",
    {
      config: { unstored: true },
      schema: {
        operationId: "batches.list",
        summary: "List the account's batches and trials, newest first",
        tags: ["Batches"],
        querystring: ListQuery,
        response: { 200: pageOfBody(BatchBody), ...refusals(400, 401) },
      },
    },
    async (request) => {
      const page = await listBatches(request.actor, request.query.cursor)
      return presentPage(request, page, (batch) => presentBatch(batch, request.origin))
    },
  )

  v1.get(
    "/batches/:id",
    {
      config: { limit: "read", unstored: true },
      schema: {
        operationId: "batches.get",
        summary: "Get a batch or trial with its progress",
        tags: ["Batches"],
        params: BatchRef,
        response: { 200: BatchProgressBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params, origin }) => presentProgress(await getBatch(actor, params.id), origin),
  )

  v1.get(
    "/batches/:id/results",
    {
      config: { unstored: true },
      schema: {
        operationId: "batches.results",
        summary: "Get the results of a batch or trial as JSON lines",
        description:
          "A line per input, in order: `place`, `prediction` (null before it starts), `refusal` if there is none, and for trials `base`, the prediction whose input it is.",
        tags: ["Batches"],
        params: BatchRef,
        response: {
          200: { content: { "application/jsonl": { schema: z.string() } } },
          ...refusals(401, 404),
        },
      },
    },
    async ({ actor, params, origin }, reply) => {
      const lines = await exportBatch(actor, params.id, origin)
      return reply.type("application/jsonl; charset=utf-8").send(Readable.from(lines) as never)
    },
  )

  v1.post(
    "/batches/:id/cancel",
    {
      config: { unstored: true },
      schema: {
        operationId: "batches.cancel",
        summary: "Cancel a batch or trial, and its unfinished runs",
        description: "One that has stopped stays unchanged.",
        tags: ["Batches"],
        params: BatchRef,
        response: { 200: BatchProgressBody, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params, origin }) => presentProgress(await cancelBatch(actor, params.id), origin),
  )
}
