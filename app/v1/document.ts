import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger"
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod"

type Response = { description?: string; headers?: object; content?: object }
type Operation = {
  parameters?: object[]
  requestBody?: object
  security?: object[]
  responses?: Record<string, Response>
}

/** The head of /v1/openapi.json. Paths come from the schemas of the routes, shared parts from `complete`. */
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

/** Adds what api.ts does for every route: tokens, limits, conditional requests, idempotency. */
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
    "A key of your choice. For 24 hours, repeating the request with the same key and body returns the first response without doing anything twice; another body is rejected with 422.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
}

const meanings: Record<string, string> = {
  200: "The response",
  201: "Created",
  202: "Accepted",
  204: "Done",
  304: "Not modified since the ETag in If-None-Match",
  400: "The request cannot be parsed, or a field is missing or invalid",
  401: "The token is missing or invalid",
  403: "The token may not do this",
  404: "Not found, or not visible to the token",
  409: "It already exists, or the first request with this Idempotency-Key is still running",
  413: "The body is too large",
  422: "The Idempotency-Key was used for another request",
  429: "Too many requests",
  500: "Something went wrong on the server",
  503: "The server is temporarily unavailable",
}

const integer = { type: "integer" }

function headersOf(method: string, status: string) {
  return {
    "ratelimit-limit": { description: "Requests per minute", schema: integer },
    "ratelimit-remaining": { description: "Requests left in this minute", schema: integer },
    "ratelimit-reset": { description: "Seconds until the next minute begins", schema: integer },
    ...((status === "429" || status === "503") && {
      "retry-after": { description: "Seconds to wait", schema: integer },
    }),
    ...(method === "get" &&
      (status === "200" || status === "304") && {
        etag: { description: "The version of the response, for If-None-Match", schema: { type: "string" } },
      }),
    ...(method === "post" && {
      "idempotent-replayed": {
        description: "`true` if this repeats the response to an earlier request",
        schema: { type: "string" },
      },
    }),
  }
}
