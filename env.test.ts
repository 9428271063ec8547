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

describe("a bucket", () => {
  test("needs its name and no more", () => {
    expect(readEnv({ S3_BUCKET: "models" })).toMatchObject({ S3_BUCKET: "models", S3_REGION: "us-east-1" })
  })

  test.each([
    [{ S3_ENDPOINT: "https://s3.example.com" }, "S3_ENDPOINT needs S3_BUCKET beside it"],
    [{ S3_BUCKET: "models", S3_ACCESS_KEY_ID: "key" }, "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together"],
    [{ S3_BUCKET: "models", S3_ENDPOINT: "s3.example.com" }, "S3_ENDPOINT must be an http(s) URL"],
  ])("is not described by %j", (variables, sentence) => {
    expect(() => readEnv(variables)).toThrow(sentence)
  })
})
