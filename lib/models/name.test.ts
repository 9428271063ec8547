import { describe, expect, test } from "vitest"

import { alternatives, nearestName, splitReference, tidyName, typingProblem } from "./name"
import { ModelName } from "./schema"

test("capitals turn small and blanks turn into dashes, and nothing else changes", () => {
  expect(tidyName("Hot Dog\tDetector")).toBe("hot-dog-detector")
  expect(tidyName("a/b!ü")).toBe("a/b!ü")
  expect(tidyName("a.-b")).toBe("a.-b")
})

test("a blank takes the punctuation beside it along, letter by letter or at once", () => {
  expect(tidyName("Dr. Strange")).toBe("dr-strange")
  expect(tidyName("Hot  -  Dog _x")).toBe("hot-dog-x")
  expect([..."Dr. Strange - 2"].reduce((name, letter) => tidyName(name + letter), "")).toBe("dr-strange-2")
})

test.each([
  ["Café Détecteur", "cafe-detecteur"],
  ["--x--", "x"],
  ["a//b", "a-b"],
  ["Straße", "strasse"],
  ["dr.-strange", "dr-strange"],
  ["a..b___c", "a.b_c"],
  ["a-_b__c--d", "a-b__c--d"],
  ["pages.rsc", "pages-rsc"],
  ["fine-already", null],
  ["日本語", null],
  ["", null],
])("the nearest name to %j is %j", (text, nearest) => {
  expect(nearestName(text)).toBe(nearest)
})

test.each([
  ["alice/hotdog", "alice", "hotdog"],
  [" https://models.example.com/Alice/hotdog ", "alice", "hotdog"],
  ["https://models.example.com/alice/hotdog/api?x=1", "alice", "hotdog"],
  ["alice/hotdog:0123abcd", "alice", "hotdog"],
  ["r8.im/alice/hotdog", "alice", "hotdog"],
  ["models.example.com:3000/alice/hotdog@sha256:0123", "alice", "hotdog"],
  ["localhost:3000/alice/hotdog", "alice", "hotdog"],
  ["localhost/alice/hotdog", "alice", "hotdog"],
  ["my.lab/hotdog", "my.lab", "hotdog"],
])("%j is taken apart", (text, owner, name) => {
  expect(splitReference(text)).toEqual({ owner, name })
})

test.each(["hotdog", "https://models.example.com/", "a b/c", "/x", "x/"])("%j is no reference to a model", (text) => {
  expect(splitReference(text)).toBeNull()
})

describe("alternatives", () => {
  test.each(["hotdog", "hotdog-2", "x".repeat(100), "a"])("for %s they are other, valid names", (name) => {
    const offered = alternatives(name)
    expect(offered.length).toBeGreaterThanOrEqual(9)
    expect(offered).not.toContain(name)
    for (const one of offered) expect(ModelName.safeParse(one).success, one).toBe(true)
  })
})

test.each([
  ["", null],
  ["hot", null],
  ["hot-", null],
  ["hot--", null],
  ["hot_", null],
  ["a.b", null],
  ["..", "Start with a letter or number."],
  ["-x", "Start with a letter or number."],
  ["ünïcode", "Use lowercase letters, numbers, and - _ ."],
  ["Hot Dog", "Use lowercase letters, numbers, and - _ ."],
  ["a.-b", "Put one - _ or . between letters and numbers, or several dashes."],
  ["a".repeat(199), "A name has at most 100 characters; this one has 199."],
])("while %j is typed, what is wrong is %j", (text, problem) => {
  expect(typingProblem(text)).toBe(problem)
})
