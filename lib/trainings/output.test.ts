import { expect, test } from "vitest"

import { outputOf } from "./output"

test.each([
  ["nothing yet", null, null, null],
  ["nothing was yielded", [], null, null],
  ["a file is the weights", "w", { weights: "w" }, { weights: "w" }],
  [
    "an object is as it is",
    { weights: "w", samples: ["a"] },
    { weights: "w", samples: ["a"] },
    { weights: "w", samples: ["a"] },
  ],
  [
    "the last file yielded is the weights",
    ["a", "b", "understudy:/files/w"],
    { samples: ["a", "b", "understudy:/files/w"] },
    { samples: ["a", "b"], weights: "understudy:/files/w" },
  ],
  ["a text is no file", ["a", "w"], { samples: ["a", "w"] }, { samples: ["a", "w"] }],
  [
    "unless an object names them",
    [{ weights: "w" }, "a"],
    { weights: "w", samples: ["a"] },
    { weights: "w", samples: ["a"] },
  ],
  [
    "what was yielded under a name comes together",
    [{ samples: ["a"], step: 1 }, { samples: ["a", "b"], step: 2 }, "c", { weights: "w" }],
    { samples: ["a", "b", "c"], step: [1, 2], weights: "w" },
    { samples: ["a", "b", "c"], step: [1, 2], weights: "w" },
  ],
] as [string, unknown, unknown, unknown][])("%s", (_, output, soFar, whole) => {
  expect(outputOf(output)).toEqual(soFar)
  expect(outputOf(output, true)).toEqual(whole)
})

test("however much was yielded, that takes no time", () => {
  const many = Array.from({ length: 200_000 }, (_, n) => (n % 2 ? `${n}` : { step: n }))
  expect(outputOf(many)).toMatchObject({ samples: expect.any(Array), step: expect.any(Array) })
})
