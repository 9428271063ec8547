import { expect, test } from "vitest"

import { isOver, mayBecome, statuses, type Status } from "./status"

/** A second copy, written by hand, so that a slip in the table is noticed. */
const allowed: [Status, Status][] = [
  ["starting", "processing"],
  ["starting", "succeeded"],
  ["starting", "failed"],
  ["starting", "canceled"],
  ["starting", "aborted"],
  ["processing", "succeeded"],
  ["processing", "failed"],
  ["processing", "canceled"],
]

test("a prediction moves as the table says, and in no other way", () => {
  const moves = statuses.flatMap((from) => statuses.filter((to) => mayBecome(from, to)).map((to) => [from, to]))
  expect(moves).toEqual(allowed)
})

test("what is over stays as it is", () => {
  expect(statuses.filter(isOver)).toEqual(["succeeded", "failed", "canceled", "aborted"])
})
