import { expect, test } from "vitest"

import { pairInputs } from "./input-diff"

test("what differs comes first, and the order of an object's keys makes no difference", () => {
  const a = { same: 1, options: { x: 1, y: [{ a: 1, b: 2 }] }, changed: "a", gone: true }
  const b = { same: 1, options: { y: [{ b: 2, a: 1 }], x: 1 }, changed: "b", added: null, seed: 2n ** 64n }
  expect(pairInputs(a, b).map(({ name, differs }) => [name, differs])).toEqual([
    ["changed", true],
    ["gone", true],
    ["added", true],
    ["seed", true],
    ["same", false],
    ["options", false],
  ])
})
