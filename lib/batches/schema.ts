import { z } from "zod"

/** Maximum number of inputs in a batch. */
export const maxInputs = 1000

/** The request for a batch. */
export const NewBatch = z.object({
  version: z
    .string("Name the version to run.")
    .describe(
      "The version to run: an ID, `owner/name:id`, `owner/name@alias`, or `owner/name` for the default version",
    ),
  inputs: z
    .array(z.record(z.string(), z.unknown()))
    .min(1, "Give at least one input.")
    .max(maxInputs, `A batch has at most ${maxInputs.toLocaleString("en-US")} inputs.`)
    .describe("The inputs, each as of a prediction"),
  /** The spending limit. */
  usd_limit: z
    .number("Enter an amount in US dollars.")
    .positive("Enter more than $0.")
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe(
      "No run starts that, at the average cost of those that ended, would exceed this many US dollars in total; the first may",
    ),
})
export type NewBatch = z.input<typeof NewBatch>

/** The request for a trial of a version. */
export const NewTrial = z.object({
  of: z
    .enum(["examples", "runs"], { error: "Say examples or runs." })
    .describe("What to run it on: the examples of the model, or the latest 20 of your runs of other versions"),
})
export type NewTrial = z.input<typeof NewTrial>
