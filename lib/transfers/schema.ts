import { z } from "zod"

import { ModelName } from "@/lib/models/schema"

/** Whom a model is offered to. */
export const OfferTransferInput = z.object({
  to: z
    .string({ error: "Enter a username." })
    .trim()
    .toLowerCase()
    .min(1, "Enter a username.")
    .max(39, "A username has at most 39 characters."),
})
export type OfferTransferInput = z.input<typeof OfferTransferInput>

/** The name under which a transferred model arrives. */
export const AcceptTransferInput = z.object({ name: ModelName })
export type AcceptTransferInput = z.input<typeof AcceptTransferInput>
