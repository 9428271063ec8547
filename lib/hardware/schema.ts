import { z } from "zod"

type Specs = { name: string; gpus: string; cpus: string; gpu_ram_gb: string; ram_gb: string }

/** A whole number as text from a form. */
const count = (most: number, otherwise: string) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,6}$/, otherwise)
    .transform(Number)
    .refine((number) => number <= most, `At most ${most.toLocaleString("en-US")}.`)

const blankIsNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value)

/** A whole number that can be unknown; blank is null. */
const perhaps = (most: number) =>
  z.preprocess(blankIsNull, count(most, "Enter a whole number or leave it empty.").nullable())

const name = z
  .string()
  .trim()
  .min(1, "Enter a name, such as Nvidia T4 GPU.")
  .max(80, "A name has at most 80 characters.")

/** An administrator's changes to a row of the catalogue, as texts from a form; omitted fields stay. */
export const UpdateHardwareInput = z.object({
  name: name.optional(),
  gpus: count(64, "Enter the number of GPUs, 0 for none.").optional(),
  cpus: perhaps(4096).optional(),
  gpu_ram_gb: perhaps(100_000).optional(),
  ram_gb: perhaps(100_000).optional(),
  usd_per_second: z
    .string({ error: "Enter a price." })
    .trim()
    .regex(/^\d{1,6}(\.\d{1,12})?$/, "Enter US dollars per second, such as 0.000225.")
    .transform((price) => price.replace(/^0+(?=\d)/, "")),
  open: z.boolean(),
  reason: z.preprocess(blankIsNull, z.string().trim().max(200, "A reason has at most 200 characters.").nullable()),
})
export type UpdateHardwareInput = { usd_per_second: string; open: boolean; reason?: string | null } & Partial<Specs>

/** A new row of the catalogue. */
export const AddHardwareInput = UpdateHardwareInput.required({
  name: true,
  gpus: true,
  cpus: true,
  gpu_ram_gb: true,
  ram_gb: true,
}).extend({
  sku: z
    .string()
    .trim()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "Use lowercase letters, digits and single dashes, such as gpu-t4.")
    .max(60, "A SKU has at most 60 characters."),
})
export type AddHardwareInput = { sku: string; usd_per_second: string; open: boolean; reason?: string | null } & Specs
