import { describe, expect, test } from "vitest"

import { CreateCollectionInput } from "./collections/schema"
import { linkOf } from "./input"
import { CreateModelInput } from "./models/schema"
import { CreateOrganizationInput } from "./organizations/schema"
import { ProfileInput } from "./owners/schema"
import { apiFor } from "./test/api"
import { anAccount, aToken } from "./test/factories"
import { updateProfile } from "./owners/profile"
import { accountForGithub, actorFor, getAccount } from "./owners/owner"

const model = { owner: "alice", name: "hotdog", visibility: "public" as const, hardware: "cpu" }

describe.each([
  ["a model", (link: unknown) => CreateModelInput.safeParse({ ...model, github_url: link }).data?.github_url],
  [
    "a profile",
    (link: unknown) =>
      ProfileInput.safeParse({ name: "a", description: null, avatar_url: null, github_url: link }).data?.github_url,
  ],
] as const)("a link of %s", (_, parsed) => {
  test.each([
    ["https://example.com/ü b", undefined],
    ["https://example.com/ü", "https://example.com/%C3%BC"],
    [" http://example.com/\0ü\ud800 ", "http://example.com/%C3%BC%EF%BF%BD"],
    ["https://example.com", "https://example.com"],
    [" ", null],
    ["", null],
    [null, null],
    ["javascript:alert(1)", undefined],
    ["ftp://example.com/", undefined],
    ["https://exa mple.com/", undefined],
    ["https://[", undefined],
    ["//example.com", undefined],
  ])("%j is %j", (given, kept) => {
    expect(parsed(given)).toBe(kept)
  })
})

test("no text that is kept holds a NUL or half a character", () => {
  const bad = "a\0b\ud800"
  expect(CreateModelInput.parse({ ...model, description: bad }).description).toBe("ab\ufffd")
  expect(ProfileInput.parse({ name: bad, description: bad, avatar_url: null, github_url: null })).toMatchObject({
    name: "ab\ufffd",
    description: "ab\ufffd",
  })
  expect(CreateOrganizationInput.parse({ username: "acme", name: bad }).name).toBe("ab\ufffd")
  expect(CreateCollectionInput.parse({ slug: "a", name: bad, description: bad, full_description: bad })).toMatchObject({
    name: "ab\ufffd",
    description: "ab\ufffd",
    full_description: "ab\ufffd",
  })
})

test("what others tell of a person is a link, or left out", () => {
  expect(linkOf("https://github.com/ü")).toBe("https://github.com/%C3%BC")
  for (const none of [null, undefined, "", "github.com/octocat", "javascript:alert(1)", "https://["])
    expect(linkOf(none)).toBeNull()
})

test("GET /v1/account answers URIs, whatever was entered or came from GitHub", async () => {
  const { actor, owner } = await anAccount()
  await updateProfile(actor, owner, {
    name: "Alice",
    github_url: "https://example.com/älice",
    avatar_url: "https://example.com/ü.png",
  })
  const { call } = await apiFor(await aToken(actor))
  expect((await call("GET", "/v1/account")).body).toMatchObject({
    github_url: "https://example.com/%C3%A4lice",
    avatar_url: "https://example.com/%C3%BC.png",
  })

  const octocat = await accountForGithub({
    id: "7",
    login: "octocat",
    html_url: "https://github.com/öctocat",
    avatar_url: "no link",
  })
  const { body } = await (
    await apiFor(await aToken(actorFor(await getAccount(octocat.username), "web")))
  ).call("GET", "/v1/account")
  expect(body).toMatchObject({ github_url: "https://github.com/%C3%B6ctocat" })
  expect(body).not.toHaveProperty("avatar_url")
})

test("a text that is no link is refused in the time that reading it takes", () => {
  const before = process.cpuUsage()
  expect(CreateModelInput.safeParse({ ...model, github_url: `http://${"a".repeat(100_000)} x` }).success).toBe(false)
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
