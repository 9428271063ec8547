import { z } from "zod"

/** Inputs in a batch. */
export const mostInputs = 1000

/** How a batch may be asked for. */
export const NewBatch = z.object({
  inputs: z
    .array(z.record(z.string(), z.unknown()))
    .min(1, "Give at least one input.")
    .max(mostInputs, `A batch has at most ${mostInputs.toLocaleString("en-US")} inputs.`),
  /** No run begins that might cost more in all. */
  usd_limit: z.number("Enter an amount in US dollars.").positive("Enter more than $0.").max(1_000_000).nullable(),
})
export type NewBatch = z.input<typeof NewBatch>
