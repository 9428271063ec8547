import { z } from "zod"

const url = z.string().meta({ format: "uri" })

/** The model object, as every list, detail and create answers it. */
export const ModelBody = z
  .object({
    url: url.describe("The model's page"),
    owner: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    visibility: z.enum(["public", "private"]),
    github_url: url.nullable(),
    paper_url: url.nullable(),
    license_url: url.nullable(),
    weights_url: url.nullable(),
    run_count: z.int(),
    is_official: z.boolean(),
    created_at: z.string().meta({ format: "date-time" }),
    cover_image_url: url.nullable(),
    default_example: z.object({}).loose().nullable(),
    latest_version: z.object({}).loose().nullable(),
  })
  .meta({ id: "Model" })

export const HardwareBody = z.object({ name: z.string(), sku: z.string() }).meta({ id: "Hardware" })

export const AccountBody = z
  .object({
    type: z.enum(["user", "organization"]),
    username: z.string(),
    name: z.string(),
    github_url: url.nullable(),
    avatar_url: url.nullable(),
  })
  .meta({ id: "Account" })

/** A stretch of a list. Follow `next` and `previous` as they are: the cursor in them is nobody's to read. */
export const pageOfBody = <T extends z.ZodType>(row: T) => z.object({ next: url.nullable(), previous: url.nullable(), results: z.array(row) })

export const ProblemBody = z
  .object({
    title: z.string(),
    detail: z.string().describe("The whole story in one text; clients show it as it is."),
    status: z.int(),
    errors: z.array(z.object({ pointer: z.string().describe("JSON Pointer into the request body"), detail: z.string() })).optional(),
    retry_after: z.int().optional().describe("Seconds until it is worth trying again"),
  })
  .meta({ id: "Problem" })

/** Refusals by status, to spread into a route's responses. */
export const refusals = <S extends number>(...statuses: S[]) =>
  Object.fromEntries(statuses.map((status) => [status, { content: { "application/problem+json": { schema: ProblemBody } } }])) as Record<
    S,
    { content: { "application/problem+json": { schema: typeof ProblemBody } } }
  >
