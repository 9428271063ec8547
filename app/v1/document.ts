import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger"
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod"

type Response = { description?: string; headers?: object; content?: object }
type Operation = {
  parameters?: object[]
  requestBody?: object
  security?: object[]
  responses?: Record<string, Response>
}

/** The head of /v1/openapi.json; the paths come from the routes' own schemas, and what all of them share from `complete`. */
export const document: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Understudy HTTP API",
      version: "1.0.0",
      description: "Create and read models. Clients made for Replicate's HTTP API work with it unchanged.",
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "An API token from /account/api-tokens. The older `Authorization: Token …` works too.",
        },
      },
    },
  },
  transform: jsonSchemaTransform,
  transformObject: (given) =>
    complete(jsonSchemaTransformObject(given) as { paths?: Record<string, Record<string, Operation>> }) as never,
}

/** Adds what no route says because api.ts does it for every one: tokens, limits, conditional reading, idempotency. */
function complete<D extends { paths?: Record<string, Record<string, Operation>> }>(paper: D): D {
  const operations = Object.values(paper.paths ?? {}).flatMap((path) => Object.entries(path))
  for (const [method, operation] of operations) {
    const responses = (operation.responses ??= {})
    const open = operation.security?.length === 0
    for (const status of refusalsOf(method, operation, open))
      responses[status] ??= {
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      }
    if (method === "get") responses["304"] ??= {}
    if (method === "post") operation.parameters = [...(operation.parameters ?? []), idempotencyKey]

    for (const [status, response] of Object.entries(responses)) {
      if (response.description === undefined || response.description === "Default Response")
        response.description = meanings[status] ?? "Answer"
      response.headers = { ...headersOf(method, status), ...response.headers }
    }
  }
  return paper
}

function refusalsOf(method: string, operation: Operation, open: boolean): string[] {
  return [
    "400",
    ...(operation.requestBody ? ["413"] : []),
    ...(open ? [] : ["401", "403"]),
    ...(method === "post" ? ["409", "422"] : []),
    "429",
    "500",
    "503",
  ]
}

const idempotencyKey = {
  in: "header",
  name: "Idempotency-Key",
  required: false,
  description:
    "A name of your choice for this request. Sent again with the same body, it gets the same answer, for 24 hours, and nothing is done twice; with another body it is refused with 422.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
}

const meanings: Record<string, string> = {
  200: "The answer",
  201: "Created",
  202: "Accepted",
  204: "Done",
  304: "Nothing has changed since the answer that If-None-Match names",
  400: "The request cannot be read, or a field is missing or wrong",
  401: "No token, or not a valid one",
  403: "The token may not do this",
  404: "It does not exist, or the token may not see it",
  409: "It is taken, or the first request with this Idempotency-Key is still running",
  413: "The body is too large",
  422: "The Idempotency-Key was used for another request",
  429: "Too many requests in this minute",
  500: "Something went wrong on our side",
  503: "The server cannot answer right now",
}

const integer = { type: "integer" }

function headersOf(method: string, status: string) {
  return {
    "ratelimit-limit": { description: "Requests a minute", schema: integer },
    "ratelimit-remaining": { description: "Requests left in this minute", schema: integer },
    "ratelimit-reset": { description: "Seconds until the next minute begins", schema: integer },
    ...((status === "429" || status === "503") && {
      "retry-after": { description: "Seconds to wait", schema: integer },
    }),
    ...(method === "get" &&
      (status === "200" || status === "304") && {
        etag: { description: "Names this state of the answer, for If-None-Match", schema: { type: "string" } },
      }),
    ...(method === "post" && {
      "idempotent-replayed": {
        description: "`true` when this is the kept answer of an earlier request",
        schema: { type: "string" },
      },
    }),
  }
}
