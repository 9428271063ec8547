import { expect, test } from "vitest"

import { documentChecker } from "./api-document"

const ref = { $ref: "#/components/schemas/Thing" }
const json = (schema: object) => ({ content: { "application/json": { schema } } })
const check = documentChecker({
  paths: {
    "/v1/things/{name}": { get: { responses: { 200: json(ref), 304: {} } } },
    "/v1/things/own": { get: { responses: { 200: json({ type: "array", items: ref }) } } },
  },
  components: {
    schemas: {
      Thing: {
        type: "object",
        properties: { at: { type: "string", format: "date-time" } },
        required: ["at"],
        additionalProperties: false,
      },
    },
  },
} as never)

const answer = (body: unknown, status = 200, type = "application/json; charset=utf-8") => ({
  status,
  type,
  body,
  text: body === undefined ? "" : JSON.stringify(body),
})
const at = "2026-11-21T10:00:00.000000Z"

test("an answer as described passes, of the most exact path that matches", () => {
  check("GET", "/v1/things/x?cursor=1", answer({ at }))
  check("GET", "/v1/things/own/", answer([{ at }]))
  check("GET", "/v1/things/x", answer(undefined, 304, ""))
  check("PUT", "/v1/things/x", answer({ detail: "not an operation" }, 405))
  check("GET", "/v1/nothing", answer({ detail: "nor is this" }, 404))
})

test.each([
  ["a status that is not described", answer({ at }, 201)],
  ["a field of the wrong kind", answer({ at: 1 })],
  ["a moment that is none", answer({ at: "yesterday" })],
  ["a field too few", answer({})],
  ["a field too many", answer({ at, secret: true })],
  ["another content type", answer({ at }, 200, "text/html")],
  ["a body where none belongs", answer({ at }, 304)],
])("%s does not", (_what, wrong) => {
  expect(() => check("GET", "/v1/things/x", wrong)).toThrow("GET /v1/things/{name}")
})
