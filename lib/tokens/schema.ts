import { z } from "zod"

export const TokenName = z
  .string({ error: "Give the token a name." })
  .trim()
  .min(1, "Give the token a name.")
  .max(100, "A name has at most 100 characters.")

export const IssueTokenInput = z.object({ name: TokenName })
export type IssueTokenInput = z.input<typeof IssueTokenInput>
