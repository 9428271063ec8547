import { expect, test } from "vitest"

import { isOver, statuses } from "./status"

test("a prediction is over once it has one of four statuses", () => {
  expect(statuses.filter(isOver)).toEqual(["succeeded", "failed", "canceled", "aborted"])
})
