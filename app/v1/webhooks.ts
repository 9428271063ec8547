import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { getWebhookSecret } from "@/lib/webhooks/secret"
import { refusals } from "./schemas"

export const webhooks: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/webhooks/default/secret",
    {
      schema: {
        operationId: "webhooks.default.secret.get",
        summary: "Get the signing secret of the account's webhooks",
        tags: ["Webhooks"],
        response: {
          200: z.object({ key: z.string().describe("`whsec_` followed by 24 bytes in base64") }),
          ...refusals(401),
        },
      },
    },
    async ({ actor }) => ({ key: await getWebhookSecret(actor) }),
  )
}
