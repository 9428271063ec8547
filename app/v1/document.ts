import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger"

/** The head of /v1/openapi.json; the paths come from the routes' own schemas. */
export function describeApi(): FastifyDynamicSwaggerOptions["openapi"] {
  return {
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
        token: { type: "http", scheme: "bearer", description: "An API token from /account/api-tokens. The older `Authorization: Token …` works too." },
      },
    },
  }
}
