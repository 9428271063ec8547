import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { listAliases, removeAlias, setAlias } from "@/lib/versions/alias"
import { AliasBody, presentAlias } from "@/lib/versions/present"
import { SetAliasInput } from "@/lib/versions/schema"
import { Empty, ModelRef, refusals } from "./schemas"

const AliasRef = ModelRef.extend({ alias: z.string() })

export const aliases: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/models/:owner/:name/aliases",
    {
      schema: {
        operationId: "models.aliases.list",
        summary: "List the aliases of a model's versions",
        tags: ["Versions"],
        params: ModelRef,
        response: { 200: z.array(AliasBody), ...refusals(401, 404) },
      },
    },
    async ({ actor, params }) => (await listAliases(actor, params.owner, params.name)).map(presentAlias),
  )

  v1.put(
    "/models/:owner/:name/aliases/:alias",
    {
      schema: {
        operationId: "models.aliases.set",
        summary: "Set an alias of a version",
        tags: ["Versions"],
        params: AliasRef,
        body: SetAliasInput,
        response: { 200: AliasBody, ...refusals(400, 401, 403, 404, 413) },
      },
    },
    async ({ actor, params, body }) =>
      presentAlias(await setAlias(actor, params.owner, params.name, params.alias, body)),
  )

  v1.delete(
    "/models/:owner/:name/aliases/:alias",
    {
      schema: {
        operationId: "models.aliases.delete",
        summary: "Remove an alias of a version",
        tags: ["Versions"],
        params: AliasRef,
        response: { 204: Empty, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await removeAlias(actor, params.owner, params.name, params.alias)
      return reply.code(204).send()
    },
  )
}
