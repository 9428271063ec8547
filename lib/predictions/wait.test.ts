import { expect, test } from "vitest"

import { waitOf } from "./wait"

test.each<[string | undefined, number | null, string?]>([
  [undefined, null],
  ["respond-async", null],
  ["wait", 60, "wait"],
  ["wait=1", 1, "wait=1"],
  ["wait=60", 60, "wait=60"],
  ["Wait = 10", 10, "wait=10"],
  ["respond-async, wait=5", 5, "wait=5"],
  ["wait=300", 300, "wait=300"],
  ["wait=99999", 600, "wait=600"],
  ["wait=0", null],
  ["wait=soon", null],
  ["waiting", null],
])("Prefer: %s", (prefer, seconds, applied) => {
  expect(waitOf(prefer)).toEqual(seconds === null ? null : { seconds, applied })
})
