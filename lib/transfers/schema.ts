import { z } from "zod"

import { ModelName } from "@/lib/models/schema"

/** The account to offer a model to. */
export const OfferTransferInput = z.object({
  to: z
    .string({ error: "Enter a username." })
    .trim()
    .toLowerCase()
    .min(1, "Enter a username.")
    .max(39, "A username has at most 39 characters."),
})
export type OfferTransferInput = z.input<typeof OfferTransferInput>

/** The name of the model after the transfer. */
export const AcceptTransferInput = z.object({ name: ModelName })
export type AcceptTransferInput = z.input<typeof AcceptTransferInput>
