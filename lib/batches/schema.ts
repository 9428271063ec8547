import { z } from "zod"

/** Maximum number of inputs in a batch. */
export const mostInputs = 1000

/** The request for a batch. */
export const NewBatch = z.object({
  inputs: z
    .array(z.record(z.string(), z.unknown()))
    .min(1, "Give at least one input.")
    .max(mostInputs, `A batch has at most ${mostInputs.toLocaleString("en-US")} inputs.`),
  /** The spending limit: no run starts that might exceed it. */
  usd_limit: z.number("Enter an amount in US dollars.").positive("Enter more than $0.").max(1_000_000).nullable(),
})
export type NewBatch = z.input<typeof NewBatch>
