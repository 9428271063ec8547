import { presentFoundCollection } from "@/lib/collections/present"
import type { Found } from "./search"

/** The answer of GET /v1/search, as JSON text. Nothing here is described or tagged by a machine; the score says only which comes first. */
export function foundJson({ query, models, collections }: Found): string {
  const found = models.map(
    (model, n) =>
      `{"model":${model},"metadata":${JSON.stringify({ generated_description: null, tags: [], score: 1 / (n + 1) })}}`,
  )
  const rest = JSON.stringify({ collections: collections.map(presentFoundCollection), pages: [] })
  return `{"query":${JSON.stringify(query)},"models":[${found.join(",")}],${rest.slice(1)}`
}
