import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"

import { listEvents } from "@/lib/events/list"
import { EventBody, presentEvent } from "@/lib/events/present"
import { EventFilter } from "@/lib/events/schema"
import { listModelsJsonOf } from "@/lib/models/model-json"
import { getAccount } from "@/lib/owners/owner"
import { AccountBody, presentAccount } from "@/lib/owners/present"
import { ModelBody } from "@/lib/models/present"
import { presentJsonPage, presentPage, sendJson } from "./paging"
import { ListQuery, pageOfBody, refusals } from "./schemas"

export const account: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/account",
    {
      schema: {
        operationId: "account.get",
        summary: "Get the account of the token",
        tags: ["Account"],
        response: { 200: AccountBody, ...refusals(401) },
      },
    },
    async ({ actor }) => presentAccount(await getAccount(actor.username)),
  )

  v1.get(
    "/account/models",
    {
      schema: {
        operationId: "account.models.list",
        summary: "List the account's models, including private ones, newest first",
        tags: ["Account"],
        querystring: ListQuery,
        response: { 200: pageOfBody(ModelBody), ...refusals(400, 401) },
      },
    },
    async (request, reply) => {
      const { actor, query, origin } = request
      const page = await listModelsJsonOf(actor, { id: actor.owner_id }, origin, query.cursor)
      return sendJson(reply, presentJsonPage(request, page))
    },
  )

  v1.get(
    "/account/events",
    {
      schema: {
        operationId: "account.events.list",
        summary: "List audit events of the account, newest first",
        tags: ["Account"],
        querystring: ListQuery.extend(EventFilter.shape),
        response: { 200: pageOfBody(EventBody), ...refusals(400, 401) },
      },
    },
    async (request) => {
      const { cursor, ...filter } = request.query
      const account = await getAccount(request.actor.username)
      return presentPage(request, await listEvents(request.actor, account, filter, cursor), presentEvent)
    },
  )
}
