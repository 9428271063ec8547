import { describe, expect, test } from "vitest"

import { readEnv } from "./env"

describe("PUBLIC_URL", () => {
  test.each(["https://models.example.com", "https://models.example.com/", "http://localhost:3000"])(
    "may be %s",
    (PUBLIC_URL) => {
      expect(readEnv({ PUBLIC_URL }).PUBLIC_URL).toBe(PUBLIC_URL.replace(/\/$/, ""))
    },
  )

  test.each(["https://example.com/models", "https://example.com?x=1", "https://someone@example.com"])(
    "is a host and nothing else, not %s",
    (PUBLIC_URL) => {
      expect(() => readEnv({ PUBLIC_URL })).toThrow("must be an origin without a path")
    },
  )
})

test("PUBLIC_URL is kept as browsers spell it", () => {
  expect(readEnv({ PUBLIC_URL: "HTTPS://Models.example.com:443//" }).PUBLIC_URL).toBe("https://models.example.com")
})

describe("a value that cannot be", () => {
  test.each([
    ["PORT", "abc", "PORT must be a whole number from 0 to 65535"],
    ["PORT", "70000", "PORT must be a whole number from 0 to 65535"],
    ["DATABASE_CONNECTIONS", "1.5", "DATABASE_CONNECTIONS must be a whole number from 2 to 500"],
    ["SESSION_IDLE_DAYS", "0", "SESSION_IDLE_DAYS must be a number from 1 to 30"],
    ["MODELS_PER_ACCOUNT", "-1", "MODELS_PER_ACCOUNT must be a whole number of 0 or more"],
    ["SIGNUPS_PER_HOUR", "many", "SIGNUPS_PER_HOUR must be a whole number of 1 or more"],
    ["LAYER_LIMIT_GB", "big", "LAYER_LIMIT_GB must be a number of 0 or more"],
    ["STORAGE_PER_ACCOUNT_GB", "Infinity", "STORAGE_PER_ACCOUNT_GB must be a number of 0 or more"],
    ["TRUST_PROXY", "yes", "TRUST_PROXY must be 0 or 1"],
    ["SIGNUP", "maybe", "SIGNUP must be open or closed"],
    ["LOG_LEVEL", "loud", "LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent"],
    ["DATABASE_URL", "mysql://x", "DATABASE_URL must start with postgres://"],
    [
      "RUN_REGISTRY",
      "http://127.0.0.1:3000",
      "RUN_REGISTRY must be a host with or without a port, such as 127.0.0.1:3000",
    ],
    ["AUTH_SECRET", "short", "AUTH_SECRET must have at least 32 characters"],
  ])("%s=%s is refused with what it may be", (name, value, sentence) => {
    expect(() => readEnv({ [name]: value })).toThrow(`The configuration is invalid: ${sentence}.`)
  })
})

describe("a bucket", () => {
  test("needs its name and no more", () => {
    expect(readEnv({ S3_BUCKET: "models" })).toMatchObject({ S3_BUCKET: "models", S3_REGION: "us-east-1" })
  })

  test.each([
    [{ S3_ENDPOINT: "https://s3.example.com" }, "S3_ENDPOINT requires S3_BUCKET"],
    [
      { S3_BUCKET: "models", S3_ACCESS_KEY_ID: "key" },
      "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together",
    ],
    [{ S3_BUCKET: "models", S3_ENDPOINT: "s3.example.com" }, "S3_ENDPOINT must be an http(s) URL"],
  ])("is not described by %j", (variables, sentence) => {
    expect(() => readEnv(variables)).toThrow(sentence)
  })
})
