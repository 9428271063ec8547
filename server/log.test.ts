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
  ["a sealed cookie by itself", `eyJhbGciOiJkaXIifQ..${"abcdefghijkl".repeat(3)}.onewayin`],
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

test("addresses that let whoever has them read a file or watch a stream are blotted out, and ids are not", () => {
  const [id, secret, seal] = ["0".repeat(26), "1".repeat(26), "a-Z_".repeat(6)]
  for (const path of [`/files/${secret}/a.png`, `/v1/streams/${secret}${seal}`, `/v1/files/${secret}${seal}/stream`])
    expect(lineOf("info", "answered", { path })).not.toContain(secret)
  for (const path of [`/v1/files/${id}`, `/v1/predictions/${id}`])
    expect(lineOf("info", "answered", { path })).toContain(id)
  // The URL of an upload requires a token.
  expect(lineOf("info", "answered", { path: `/v1/files/${id}/download` })).toContain("download")
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
