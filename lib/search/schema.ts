import { z } from "zod"

export const SearchQuery = z.object({
  query: z.string().min(1).describe("The search query"),
  limit: z.coerce.number().int().min(1).max(50).default(20).describe("Maximum number of models"),
})
