import { expect, test } from "vitest"

import { newSecret } from "@/lib/tokens/secret"
import { lineOf } from "./log.mjs"

const secret = newSecret()

test.each([
  ["a token", `it was ${secret}`],
  ["a header", "authorization: Bearer abcdefghijkl"],
  ["a password in an address", "postgres://understudy:hunter22@db/understudy"],
  ["a password's hash", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"],
  ["a session", "cookie: __Host-understudy.session=abc.def; theme=dark"],
  ["a link that sets a password", "GET /signin/reset/onewayinonewayin?x=1"],
  ["a link that invites", "https://models.example/invitations/onewayinonewayin"],
  ["a webhook secret", "whsec_b25ld2F5aW5vbmV3YXlpbm9uZXdheWlu"],
  ["a query's parameters", "Failed query: insert into owners\nparams: alice,hunter22"],
])("%s never reaches the log", (_, text) => {
  const line = lineOf("error", "failed", { error: new Error("outer", { cause: new Error(text) }) })
  expect(line).toContain("[redacted]")
  for (const part of [secret, "abcdefghijkl", "hunter22", "aGFzaA", "abc.def", "onewayin", "b25ld2F5"])
    expect(line).not.toContain(part)
})

test("a line is one JSON object that says what, when and how bad", () => {
  const line = lineOf("warn", "two\nlines", { handler: "api" })
  expect(line.indexOf("\n")).toBe(line.length - 1)
  expect(JSON.parse(line)).toEqual({
    level: "warn",
    msg: "two\nlines",
    handler: "api",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
  })
})
