import { describe, expect, test } from "vitest"

import { safeNext, textsOf } from "./form"

test("a field that was not sent is an empty text, and what was not asked for is dropped", () => {
  const form = new FormData()
  form.set("name", " hotdog ")
  form.set("stranger", "x")
  expect(textsOf(form, ["name", "description"])).toEqual({ name: " hotdog ", description: "" })
})

describe("where to go on to after signing in", () => {
  test.each(["/", "/create", "/alice/hotdog?tab=api#curl", "/create?name=a%2Fb&github_url=https%3A%2F%2Fexample.com"])(
    "%s is on this site",
    (next) => {
      expect(safeNext(next)).toBe(next)
    },
  )

  test.each([
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/.//evil.example",
    "/./\\evil.example",
    "/x/..//evil.example",
    "/%2e//evil.example",
    "/%2E%2e//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n//evil.example",
    "\t//evil.example",
    " //evil.example",
    "http://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    "?next=/",
    "",
  ])("%j leads elsewhere, so the fallback is taken", (next) => {
    expect(safeNext(next, "/explore")).toBe("/explore")
  })

  test.each([undefined, null, 7, ["/create"], { toString: () => "/create" }])("%j is no path", (next) => {
    expect(safeNext(next)).toBe("/")
  })

  test.each(["/a\u0000b", "/a\r\nset-cookie: x=1", "/a\tb", "/a\\b", "/ü", "/a b"])(
    "%j stays here, without a character that a header could trip over",
    (next) => {
      const path = safeNext(next)
      expect(path).toMatch(/^\/[\x21-\x7e]*$/)
      expect(new URL(path, "http://here.example").origin).toBe("http://here.example")
    },
  )
})
