import { z } from "zod"

import { CollectionBody, presentFoundCollection } from "@/lib/collections/present"
import { ModelBody } from "@/lib/models/present"
import type { Found } from "./search"

/** The response of a search. */
export const FoundBody = z
  .object({
    query: z.string(),
    models: z.array(
      z.object({
        model: ModelBody,
        metadata: z.object({
          generated_description: z.string().nullable(),
          tags: z.array(z.string()),
          score: z.number().nullable(),
        }),
      }),
    ),
    collections: z.array(CollectionBody.extend({ models: z.array(z.string().describe("owner/name")).nullable() })),
    pages: z.array(z.object({ name: z.string(), href: z.string() })),
  })
  .meta({ id: "Found" })

/**
 * The response of GET /v1/search as JSON text. There are no generated descriptions or tags; the score only reflects
 * the order.
 */
export function foundJson({ query, models, collections }: Found): string {
  const found = models.map(
    (model, n) =>
      `{"model":${model},"metadata":${JSON.stringify({ generated_description: null, tags: [], score: 1 / (n + 1) })}}`,
  )
  const rest = JSON.stringify({ collections: collections.map(presentFoundCollection), pages: [] })
  return `{"query":${JSON.stringify(query)},"models":[${found.join(",")}],${rest.slice(1)}`
}
