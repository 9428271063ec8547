import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"

import { getAccount } from "@/lib/owners/owner"
import { presentAccount } from "@/lib/owners/present"
import { AccountBody, refusals } from "./schemas"

export const account: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/account",
    {
      schema: {
        operationId: "account.get",
        summary: "Get the account the token belongs to",
        tags: ["Account"],
        response: { 200: AccountBody, ...refusals(401) },
      },
    },
    async ({ actor }) => presentAccount(await getAccount(actor.username)),
  )
}
