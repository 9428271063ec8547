import { describe, expect, test } from "vitest"
import { z } from "zod"

import { asProblem, invalid, kinds, missing, problem } from "./problem"

const failing = (code: string) => Object.assign(new Error("no"), { code })

test("a problem knows its status and title by its kind", () => {
  for (const [kind, [status, title]] of Object.entries(kinds))
    expect(problem(kind as keyof typeof kinds, "Because.")).toMatchObject({
      status,
      title,
      detail: "Because.",
      message: "Because.",
      fields: {},
    })
})

test("a validation refusal repeats every complaint in its detail, as clients print it", () => {
  expect(invalid({ name: "Enter a name.", "": "Send an object." })).toMatchObject({
    status: 400,
    detail: "The following errors occurred:\n- name: Enter a name.\n- Send an object.",
    fields: { name: "Enter a name." },
  })
})

test("what is missing is never named", () => {
  expect(missing()).toMatchObject({ status: 404, detail: "The requested resource could not be found." })
})

describe("what an outsider may see of an error", () => {
  test("a problem is shown as it is", () => {
    const refusal = problem("conflict", "Taken.", { name: "Taken." })
    expect(asProblem(refusal)).toBe(refusal)
  })

  test("of a failed parse, the first complaint about each field", () => {
    const schema = z.object({
      name: z.string().min(2, "Too short.").regex(/^a/, "No a."),
      deep: z.object({ url: z.url("No URL.") }),
    })
    const { error } = schema.safeParse({ name: "b", deep: { url: "x" } })
    expect(asProblem(error)).toMatchObject({ kind: "invalid", fields: { name: "Too short.", "deep.url": "No URL." } })
  })

  test.each(["SQLITE_FULL", "SQLITE_IOERR_WRITE", "53100", "ENOSPC"])("%s means that the disk is full", (code) => {
    expect(asProblem(failing(code))).toMatchObject({ status: 507, retryAfter: 60 })
  })

  test.each([
    "SQLITE_BUSY",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "25006",
    "57P01",
    "08006",
    "53300",
    "ECONNREFUSED",
    "CONNECT_TIMEOUT",
    "CONNECTION_CLOSED",
  ])("%s means that the database is away for a moment", (code) => {
    expect(asProblem(failing(code))).toMatchObject({ status: 503, retryAfter: 5 })
  })

  test.each(["EMFILE", "ENFILE"])("%s means that too many files are open", (code) => {
    expect(asProblem(failing(code))).toMatchObject({ status: 503, retryAfter: 5 })
  })

  test("a storage error is recognised below whatever a library wrapped around it", () => {
    expect(
      asProblem(new Error("query failed", { cause: new Error("again", { cause: failing("SQLITE_FULL") }) })),
    ).toMatchObject({ kind: "full" })
  })

  test.each([[new Error("password=hunter2")], ["a text"], [undefined], [failing("ERR_SOMETHING")]])(
    "a surprise says nothing of itself: %s",
    (error) => {
      expect(asProblem(error)).toMatchObject({
        status: 500,
        detail: "Something went wrong on the server. It has been logged.",
        fields: {},
      })
    },
  )
})
