import { expect, test } from "vitest"

import { readForm } from "@/lib/versions/read-form"
import { pathWithInput, signInFor } from "./input-address"

const secret = { type: "string", format: "password" }
const { inputs } = readForm(
  JSON.stringify({
    components: {
      schemas: {
        Input: {
          properties: {
            prompt: { type: "string" },
            key: secret,
            keys: { type: "array", items: secret },
            either: { anyOf: [{ type: "integer" }, { type: "object", properties: { deep: secret } }] },
          },
        },
      },
    },
  }),
)
const model = { owner: "alice", name: "draw", version: "1f" }

test("an address holds an input, but none of its secrets and nothing that is no input", () => {
  const input = { prompt: "a & b", key: "hush", keys: ["hush"], either: { deep: "hush" }, other: "hush" }
  const path = pathWithInput(model, inputs, input)!
  expect(path).toBe("/alice/draw/playground?version=1f&inputs=%7B%22prompt%22%3A%22a+%26+b%22%7D")
  expect(new URL(signInFor(path), "http://here").searchParams.get("next")).toBe(path)
})

test("an address that servers would refuse is none", () => {
  expect(pathWithInput(model, inputs, { prompt: "a".repeat(4000) })).not.toBeNull()
  expect(pathWithInput(model, inputs, { prompt: "a".repeat(6000) })).toBeNull()
  expect(pathWithInput(model, inputs, { prompt: "字".repeat(1000) })).toBeNull()
})
