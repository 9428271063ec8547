import { describe, expect, test } from "vitest"

import { readEnv } from "./env"

describe("PUBLIC_URL", () => {
  test.each(["https://models.example.com", "https://models.example.com/", "http://localhost:3000"])("may be %s", (PUBLIC_URL) => {
    expect(readEnv({ PUBLIC_URL }).PUBLIC_URL).toBe(PUBLIC_URL.replace(/\/$/, ""))
  })

  test.each(["https://example.com/models", "https://example.com?x=1", "https://someone@example.com"])("is a host and nothing else, not %s", (PUBLIC_URL) => {
    expect(() => readEnv({ PUBLIC_URL })).toThrow("must name a host and nothing behind it")
  })
})
