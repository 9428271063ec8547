import { expect, test } from "vitest"

import { commandsFor, entriesFor, type SuggestedModel } from "./commands"

const alice = { username: "alice", is_admin: false }
const model = (name: string): SuggestedModel => ({ owner: "alice", name, description: null, visibility: "public" })
const label = (viewer: Parameters<typeof commandsFor>[0], typed: string, models: SuggestedModel[] = []) =>
  entriesFor(commandsFor(viewer), models, typed).map((entry) => entry.label)

test("a visitor is offered to sign in, a member what is theirs, an administrator to curate", () => {
  expect(label(null, "")).toEqual(
    expect.arrayContaining(["Sign in", "Create an account", "Explore models", "Theme: dark"]),
  )
  expect(label(null, "")).not.toEqual(expect.arrayContaining(["Sign out"]))
  expect(label(alice, "")).toEqual(
    expect.arrayContaining([
      "Create a model",
      "New API token",
      "Your models",
      "Pricing",
      "API reference",
      "Collections",
      "Sign out",
    ]),
  )
  expect(label(alice, "")).not.toContain("New collection")
  expect(label({ ...alice, is_admin: true }, "")).toContain("New collection")
})

test("a command that begins as typed comes before models, one that only fits comes after, and a search is always last", () => {
  expect(label(alice, "pri", [model("prism")])).toEqual(["Pricing", "alice/prism", "Search all models for “pri”"])
  expect(label(alice, "token", [model("tokenizer")])).toEqual([
    "alice/tokenizer",
    "New API token",
    "API tokens",
    "Search all models for “token”",
  ])
})

test.each([
  ["dark", "Theme: dark"],
  ["logout", "Sign out"],
  ["new model", "Create a model"],
  ["cost", "Pricing"],
])("%j finds %j", (typed, command) => {
  expect(label(alice, typed)[0]).toBe(command)
})

test("what fits nothing can still be searched for", () => {
  for (const typed of ["zzz", "🦓", "  a/b  "])
    expect(label(alice, typed)).toEqual([`Search all models for “${typed.trim()}”`])
})

test("every entry has an id of its own", () => {
  const ids = entriesFor(commandsFor({ ...alice, is_admin: true }), [model("a"), model("b")], "").map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
