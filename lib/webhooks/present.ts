import { z } from "zod"

/** The signing secret of an account's webhooks, as the API shows it. */
export const WebhookSecretBody = z.object({ key: z.string().describe("`whsec_` followed by 24 bytes in base64") })
export type WebhookSecretBody = z.infer<typeof WebhookSecretBody>

export const presentWebhookSecret = (key: string): WebhookSecretBody => ({ key })
