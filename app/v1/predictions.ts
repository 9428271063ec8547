import type { FastifyReply, FastifyRequest } from "fastify"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { createPrediction, type Target } from "@/lib/predictions/create"
import {
  cancelPrediction,
  deletePrediction,
  getPrediction,
  keepPrediction,
  listPredictions,
  type Prediction,
} from "@/lib/predictions/prediction"
import { getPredictionJson } from "@/lib/predictions/prediction-json"
import { presentPrediction } from "@/lib/predictions/present"
import {
  ApiPredictionFilter,
  ApiPredictionQuery,
  CreateHeaders,
  KeepPredictionInput,
  NewPrediction,
} from "@/lib/predictions/schema"
import { asWaitedFor, parsePreferWait, waitFor } from "@/lib/predictions/wait"
import { PredictionBody } from "@/lib/models/prediction-body"
import { presentPage, sendJson } from "./paging"
import { Empty, ListQuery, ModelRef, pageOfBody, refusals } from "./schemas"

const PredictionRef = z.object({ id: z.string() })

/** Inputs may hold small files as data: URIs, of which clients send up to 10 MB. */
export const bodyLimit = 16 * 1024 * 1024

export const predictions: FastifyPluginAsyncZod = async (v1) => {
  v1.post(
    "/predictions",
    {
      bodyLimit,
      config: { limit: "create", unstored: true, repeat: repeatPrediction },
      schema: {
        operationId: "predictions.create",
        summary: "Run a version of a model",
        description:
          "`version` is the id of a version, `owner/name:id`, `owner/name@alias`, or `owner/name` for what the model's own address runs.",
        tags: ["Predictions"],
        headers: CreateHeaders,
        body: NewPrediction,
        response: { 201: PredictionBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async (request, reply) => create(request, reply, { version: "named" }),
  )

  v1.post(
    "/models/:owner/:name/predictions",
    {
      bodyLimit,
      config: { limit: "create", unstored: true, repeat: repeatPrediction },
      schema: {
        operationId: "models.predictions.create",
        summary: "Run a model: the version its owner named `stable`, or else the latest",
        tags: ["Predictions"],
        params: ModelRef,
        headers: CreateHeaders,
        body: NewPrediction.omit({ version: true }),
        response: { 201: PredictionBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async (request, reply) => create(request, reply, request.params),
  )

  v1.get(
    "/predictions",
    {
      config: { unstored: true },
      schema: {
        operationId: "predictions.list",
        summary: "List the account's predictions, newest first",
        tags: ["Predictions"],
        querystring: ListQuery.extend(ApiPredictionQuery.shape),
        response: { 200: pageOfBody(PredictionBody), ...refusals(400, 401) },
      },
    },
    async (request) => {
      const { actor, query, origin } = request
      const { cursor, ...filter } = query
      const page = await listPredictions(actor, ApiPredictionFilter.parse(filter), cursor)
      return presentPage(request, page, (prediction) => presentPrediction(prediction, origin))
    },
  )

  v1.get(
    "/predictions/:id",
    {
      config: { limit: "read", unstored: true },
      schema: {
        operationId: "predictions.get",
        summary: "Get a prediction as it is now",
        tags: ["Predictions"],
        params: PredictionRef,
        response: { 200: PredictionBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params, origin }, reply) => sendJson(reply, await getPredictionJson(actor, params.id, origin)),
  )

  v1.post(
    "/predictions/:id/cancel",
    {
      config: { unstored: true, repeat: repeatPrediction },
      schema: {
        operationId: "predictions.cancel",
        summary: "Cancel a prediction",
        description: "One that has ended stays unchanged.",
        tags: ["Predictions"],
        params: PredictionRef,
        response: { 200: PredictionBody, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params, origin }) => presentPrediction(await cancelPrediction(actor, params.id), origin),
  )

  v1.patch(
    "/predictions/:id",
    {
      config: { unstored: true },
      schema: {
        operationId: "predictions.update",
        summary: "Keep the data of a prediction, or stop keeping it",
        description: "Kept data is not removed until it is deleted, however long ago the prediction ended.",
        tags: ["Predictions"],
        params: PredictionRef,
        body: KeepPredictionInput,
        response: { 200: PredictionBody, ...refusals(400, 401, 403, 404, 413) },
      },
    },
    async ({ actor, params, body, origin }) =>
      presentPrediction(await keepPrediction(actor, params.id, KeepPredictionInput.parse(body).kept), origin),
  )

  v1.delete(
    "/predictions/:id",
    {
      config: { unstored: true },
      schema: {
        operationId: "predictions.delete",
        summary: "Remove the data of a prediction now",
        description:
          "Permanently deletes input, output, logs and files; the prediction stays listed. An unfinished one is canceled.",
        tags: ["Predictions"],
        params: PredictionRef,
        response: { 204: Empty, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await deletePrediction(actor, params.id)
      return reply.code(204).send()
    },
  )
}

const create = (request: FastifyRequest, reply: FastifyReply, target: Target): Promise<never> =>
  sendPrediction(request, reply, (options) => createPrediction(request.actor, target, request.body, options))

/**
 * Creates a prediction with `make` and responds with 201: immediately, or with `Prefer: wait` once it has ended or the
 * wait is over.
 */
export async function sendPrediction(
  request: FastifyRequest,
  reply: FastifyReply,
  make: (options: { origin: string; cancelAfter: string | undefined }) => Promise<Prediction>,
): Promise<never> {
  const { origin, headers } = request
  const wait = parsePreferWait(textOf(headers.prefer))
  const created = await make({ origin, cancelAfter: textOf(headers["cancel-after"]) })
  if (wait) reply.header("preference-applied", wait.applied)
  const prediction = wait ? await whileThere(request, (signal) => waitFor(created, wait.seconds, signal)) : created
  const body = presentPrediction(prediction, origin)
  return sendJson(reply.code(201).header("location", body.urls.get), JSON.stringify(body))
}

/** The prediction of an earlier response, as it is now. */
export async function repeatPrediction({ actor, origin, headers }: FastifyRequest, id: string): Promise<string> {
  const prediction = await getPrediction(actor, id)
  const waited = parsePreferWait(textOf(headers.prefer)) !== null
  return JSON.stringify(presentPrediction(waited ? asWaitedFor(prediction) : prediction, origin))
}

const textOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join(",") : header)

/**
 * Waits with a signal that is aborted when the client disconnects. Connections are reused, so the listener is removed
 * afterwards.
 */
async function whileThere<T>(
  { raw: { socket } }: FastifyRequest,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const left = new AbortController()
  const leave = () => left.abort()
  // The client may have left while the prediction was created.
  if (socket?.destroyed) leave()
  socket?.once("close", leave)
  try {
    return await wait(left.signal)
  } finally {
    socket?.off("close", leave)
  }
}
