import { z } from "zod"

import type { StoredExample } from "@/db/schema"
import { withPublicUrls } from "@/lib/files/address"
import { moment, uri } from "@/lib/shapes"
import { webhookEvents } from "@/lib/webhooks/schema"
import type { Model } from "./row"

/** The prediction object of the API; defined here because a model contains its default example. */
export const PredictionBody = z
  .object({
    id: z.string(),
    model: z.string().describe("owner/name"),
    version: z.string(),
    input: z.record(z.string(), z.unknown()),
    output: z.unknown().describe("The model's output; null until there is one"),
    error: z.string().nullable(),
    status: z.enum(["starting", "processing", "succeeded", "failed", "canceled", "aborted"]),
    status_detail: z.string().optional().describe("Why it is queued, if that may take long"),
    data_removed: z.boolean(),
    logs: z.string().optional(),
    metrics: z
      .object({
        predict_time: z.number().optional().describe("Seconds the model ran"),
        total_time: z.number().optional().describe("Seconds from its creation to its end"),
        cost_usd: z.number().optional().describe("What its account pays for it, in US dollars"),
      })
      .loose()
      .optional(),
    source: z.enum(["api", "web"]).optional(),
    deployment: z.string().optional(),
    destination: z.string().optional().describe("Of a training: the model that its version is for"),
    deadline: moment.optional(),
    created_at: moment,
    started_at: moment.optional(),
    completed_at: moment.optional(),
    webhook: uri.optional().describe("The webhook URL of the request"),
    webhook_events_filter: z.array(z.enum(webhookEvents)).optional(),
    urls: z.object({ get: uri, cancel: uri, web: uri, stream: uri.optional() }),
  })
  .meta({ id: "Prediction" })
export type PredictionBody = z.infer<typeof PredictionBody>

/** Presents a model's default example from its stored form (lib/predictions/stored-example.ts). */
export const presentExample = (
  { owner, name }: Pick<Model, "owner" | "name">,
  { input, output, ...example }: StoredExample,
  origin: string,
): PredictionBody => ({
  ...example,
  model: `${owner}/${name}`,
  input: withPublicUrls(input, origin) as Record<string, unknown>,
  output: withPublicUrls(output, origin),
  urls: {
    get: `${origin}/v1/predictions/${example.id}`,
    cancel: `${origin}/v1/predictions/${example.id}/cancel`,
    web: `${origin}/p/${example.id}`,
  },
})
