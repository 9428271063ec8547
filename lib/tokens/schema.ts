import { z } from "zod"

import { scopes } from "@/lib/auth/actor"

export const TokenName = z
  .string({ error: "Enter a name." })
  .trim()
  .min(1, "Enter a name.")
  .max(100, "A name has at most 100 characters.")

const Scopes = z
  .array(z.enum(scopes, { error: "A scope must be read, write or push." }), { error: "Choose at least one scope." })
  .min(1, "Choose at least one scope.")
  .transform((chosen) => scopes.filter((scope) => chosen.includes(scope)))

/** Omitted, null and blank mean that the token does not expire. */
const Days = z.preprocess(
  (value) => (value === null || value === "" ? undefined : value),
  z.coerce
    .number({ error: "Enter a number of days." })
    .int("Enter a whole number of days.")
    .min(1, "A token is valid for at least 1 day.")
    .max(3650, "A token is valid for at most 3,650 days.")
    .optional(),
)

/** The input for a token. Without `scopes`, it has all of them. */
export const IssueTokenInput = z.object({ name: TokenName, scopes: Scopes.default([...scopes]), expires_in_days: Days })
export type IssueTokenInput = { name: string; scopes?: readonly string[]; expires_in_days?: number | string | null }
