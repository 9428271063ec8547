import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"

import { presentWebhookSecret, WebhookSecretBody } from "@/lib/webhooks/present"
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
        response: { 200: WebhookSecretBody, ...refusals(401) },
      },
    },
    async ({ actor }) => presentWebhookSecret(await getWebhookSecret(actor)),
  )
}
