import { expect, test } from "vitest"

import { readForm } from "@/lib/versions/read-form"
import { readSent } from "./read-sent"

test("the line breaks of a text are as they were typed, not as a form sends them", () => {
  const form = readForm(
    JSON.stringify({
      components: { schemas: { Input: { type: "object", properties: { text: { type: "string" } } } } },
    }),
  )
  const { input } = readSent(form, { "input.text": "one\r\ntwo\r\n" })
  expect(input).toEqual({ text: "one\ntwo\n" })
})
