import { z } from "zod"

import { uri } from "@/lib/shapes"

export const ModelRef = z.object({ owner: z.string(), name: z.string() })
export const ListQuery = z.object({
  cursor: z.string().optional().describe("Start of the page, from `next` or `previous`"),
})

/** A response without a body: "null" tells that to the document generator. */
export const Empty = z.null() as unknown as z.ZodUndefined

/** A page of a list. Follow `next` and `previous` as they are; cursors are opaque. */
export const pageOfBody = <T extends z.ZodType>(row: T) =>
  z.object({ next: uri.nullable(), previous: uri.nullable(), results: z.array(row) })

export const ProblemBody = z
  .object({
    title: z.string(),
    detail: z.string().describe("The complete message; clients show it as it is."),
    status: z.int(),
    errors: z
      .array(z.object({ pointer: z.string().describe("JSON Pointer into the request body"), detail: z.string() }))
      .optional(),
    retry_after: z.int().optional().describe("Seconds to wait before retrying"),
    invalid_fields: z
      .array(
        z.object({
          type: z.string().describe("The type of error, such as `required` or `number_lte`"),
          field: z.string().describe("A dotted path, such as `input.steps`; empty for the body itself"),
          description: z.string(),
        }),
      )
      .optional()
      .describe("What is wrong with the body or the input of a prediction"),
  })
  .meta({ id: "Problem" })

/** Error responses by status, to spread into a route's responses. */
export const refusals = <S extends number>(...statuses: S[]) =>
  Object.fromEntries(
    statuses.map((status) => [status, { content: { "application/problem+json": { schema: ProblemBody } } }]),
  ) as Record<S, { content: { "application/problem+json": { schema: typeof ProblemBody } } }>
