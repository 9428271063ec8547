import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { addExample, chooseDefaultExample, listExamples, orderExamples, removeExample } from "@/lib/predictions/example"
import { presentPrediction } from "@/lib/predictions/present"
import { AddExampleInput, ArrangeExamplesInput } from "@/lib/predictions/schema"
import { PredictionBody } from "@/lib/models/prediction-body"
import { presentPage } from "./paging"
import { repeatPrediction } from "./predictions"
import { Empty, ListQuery, ModelRef, pageOfBody, refusals } from "./schemas"

export const examples: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/models/:owner/:name/examples",
    {
      schema: {
        operationId: "models.examples.list",
        summary: "List the examples of a model",
        tags: ["Models"],
        params: ModelRef,
        querystring: ListQuery,
        response: { 200: pageOfBody(PredictionBody), ...refusals(400, 401, 404) },
      },
    },
    async (request) => {
      const { actor, params, query, origin } = request
      const page = await listExamples(actor, params.owner, params.name, query.cursor)
      return presentPage(request, page, (prediction) => presentPrediction(prediction, origin))
    },
  )

  v1.post(
    "/models/:owner/:name/examples",
    {
      config: { repeat: repeatPrediction },
      schema: {
        operationId: "models.examples.add",
        summary: "Add an example",
        description: "Everybody who can see the model can then see it, and its data is kept.",
        tags: ["Models"],
        params: ModelRef,
        body: AddExampleInput,
        response: { 201: PredictionBody, ...refusals(400, 401, 403, 404, 413) },
      },
    },
    async ({ actor, params, body, origin }, reply) => {
      const { prediction } = AddExampleInput.parse(body)
      return reply
        .code(201)
        .send(presentPrediction(await addExample(actor, params.owner, params.name, prediction), origin))
    },
  )

  v1.patch(
    "/models/:owner/:name/examples",
    {
      schema: {
        operationId: "models.examples.arrange",
        summary: "Reorder the examples of a model and set the default one",
        tags: ["Models"],
        params: ModelRef,
        body: ArrangeExamplesInput,
        response: { 200: pageOfBody(PredictionBody), ...refusals(400, 401, 403, 404, 413) },
      },
    },
    async (request) => {
      const { actor, params, body, origin } = request
      const { order, default: chosen } = ArrangeExamplesInput.parse(body)
      if (order) await orderExamples(actor, params.owner, params.name, order)
      if (chosen !== undefined) await chooseDefaultExample(actor, params.owner, params.name, chosen)
      const page = await listExamples(actor, params.owner, params.name)
      return presentPage(request, page, (prediction) => presentPrediction(prediction, origin))
    },
  )

  v1.delete(
    "/models/:owner/:name/examples/:id",
    {
      schema: {
        operationId: "models.examples.remove",
        summary: "Remove an example",
        tags: ["Models"],
        params: ModelRef.extend({ id: z.string() }),
        response: { 204: Empty, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await removeExample(actor, params.owner, params.name, params.id)
      return reply.code(204).send()
    },
  )
}
