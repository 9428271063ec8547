import type { FastifyRequest } from "fastify"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { CreateHeaders } from "@/lib/predictions/schema"
import { presentTraining, TrainingBody } from "@/lib/trainings/present"
import { NewTraining } from "@/lib/trainings/schema"
import { cancelTraining, createTraining, getTraining, listTrainings } from "@/lib/trainings/training"
import { presentPage, sendJson } from "./paging"
import { ListQuery, pageOfBody, refusals } from "./schemas"
import { VersionRef } from "./versions"

const TrainingRef = z.object({ id: z.string() })

/** Inputs may hold small files as data: URIs. */
const bodyLimit = 16 * 1024 * 1024

export const trainings: FastifyPluginAsyncZod = async (v1) => {
  v1.post(
    "/models/:owner/:name/versions/:id/trainings",
    {
      bodyLimit,
      config: { limit: "create", unstored: true, repeat: repeatTraining },
      schema: {
        operationId: "trainings.create",
        summary: "Train a version of a model: its result is a new version of the destination",
        tags: ["Trainings"],
        params: VersionRef,
        headers: CreateHeaders,
        body: NewTraining,
        response: { 201: TrainingBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async ({ actor, params, body, headers, origin }, reply) => {
      const cancelAfter = headers["cancel-after"]
      const training = await createTraining(actor, params, body, { origin, cancelAfter })
      const shown = presentTraining(training, origin)
      return sendJson(reply.code(201).header("location", shown.urls.get), JSON.stringify(shown))
    },
  )

  v1.get(
    "/trainings",
    {
      config: { unstored: true },
      schema: {
        operationId: "trainings.list",
        summary: "List the account's trainings, newest first",
        tags: ["Trainings"],
        querystring: ListQuery,
        response: { 200: pageOfBody(TrainingBody), ...refusals(400, 401) },
      },
    },
    async (request) => {
      const { actor, query, origin } = request
      const page = await listTrainings(actor, query.cursor)
      return presentPage(request, page, (training) => presentTraining(training, origin))
    },
  )

  v1.get(
    "/trainings/:id",
    {
      config: { limit: "read", unstored: true },
      schema: {
        operationId: "trainings.get",
        summary: "Get a training as it is now",
        tags: ["Trainings"],
        params: TrainingRef,
        response: { 200: TrainingBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params, origin }, reply) =>
      sendJson(reply, JSON.stringify(presentTraining(await getTraining(actor, params.id), origin))),
  )

  v1.post(
    "/trainings/:id/cancel",
    {
      config: { unstored: true, repeat: repeatTraining },
      schema: {
        operationId: "trainings.cancel",
        summary: "Cancel a training",
        description: "Its output so far is kept. A finished training stays unchanged.",
        tags: ["Trainings"],
        params: TrainingRef,
        response: { 200: TrainingBody, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params, origin }) => presentTraining(await cancelTraining(actor, params.id), origin),
  )
}

/** The training of an earlier response, as it is now. */
async function repeatTraining({ actor, origin }: FastifyRequest, id: string): Promise<string> {
  return JSON.stringify(presentTraining(await getTraining(actor, id), origin))
}
