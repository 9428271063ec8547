import { z } from "zod"

/** What an administrator may change about a row of the catalogue. */
export const UpdateHardwareInput = z.object({
  usd_per_second: z
    .string({ error: "Enter a price." })
    .trim()
    .regex(/^\d{1,6}(\.\d{1,12})?$/, "Enter US dollars per second, such as 0.000225.")
    .transform((price) => price.replace(/^0+(?=\d)/, "")),
  open: z.boolean(),
  reason: z.preprocess(
    (value) => (typeof value === "string" && value.trim() === "" ? null : value),
    z.string().trim().max(200, "A reason has at most 200 characters.").nullable(),
  ),
})
export type UpdateHardwareInput = { usd_per_second: string; open: boolean; reason?: string | null }
