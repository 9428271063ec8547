import { z } from "zod"

/** The events a webhook can be sent for. */
export const webhookEvents = ["start", "output", "logs", "completed"] as const
export type WebhookEvent = (typeof webhookEvents)[number]

const isAddress = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === "https:" || protocol === "http:") && username === "" && password === ""
}

/** A URL for webhooks. Whether it may be reached is checked on delivery. */
export const WebhookUrl = z
  .string({ error: "Enter an address." })
  .trim()
  .min(1, "Enter an address.")
  .max(2000, "An address has at most 2,000 characters.")
  .refine(isAddress, "Enter an address that starts with https:// or http://, without a password in it.")

export const TestWebhookInput = z.object({ url: WebhookUrl })
export type TestWebhookInput = z.input<typeof TestWebhookInput>
