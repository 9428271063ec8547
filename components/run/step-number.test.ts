import { expect, test } from "vitest"

import { steppedNumber } from "./step-number"

test("a number is stepped at its last digit, exactly", () => {
  const whole = { kind: "integer" } as const
  const number = { kind: "number" } as const
  expect(steppedNumber("7", whole, true)).toBe("8")
  expect(steppedNumber("-1", whole, true)).toBe("0")
  expect(steppedNumber("9223372036854775807", whole, true)).toBe("9223372036854775808")
  expect(steppedNumber("0.75", number, true)).toBe("0.76")
  expect(steppedNumber("0.05", number, false)).toBe("0.04")
  expect(steppedNumber("-0.1", number, true)).toBe("0.0")
  expect(steppedNumber("0.0", number, false)).toBe("-0.1")
})

test("a step stays within the bounds, and begins at the lower one", () => {
  const bounded = { kind: "number", min: "0.5", max: "2" } as const
  expect(steppedNumber("", bounded, true)).toBe("0.5")
  expect(steppedNumber("", { kind: "integer" }, false)).toBe("0")
  expect(steppedNumber("2", bounded, true)).toBe("2")
  expect(steppedNumber("1", bounded, false)).toBe("0.5")
  expect(steppedNumber("9", bounded, true)).toBe("9")
})

test("what is no plain number is not stepped", () => {
  expect(steppedNumber("many", { kind: "integer" }, true)).toBeNull()
  expect(steppedNumber("1e5", { kind: "number" }, true)).toBeNull()
})
