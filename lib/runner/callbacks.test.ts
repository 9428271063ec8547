import { expect, test } from "vitest"

import { longNames } from "@/lib/test/long-names"
import { inputPath, weightsPath } from "./callbacks"

test.each(longNames)("a name that is %s has at most 200 bytes in the URLs of a model", (_, name) => {
  for (const path of [inputPath("p", "file:1", name), weightsPath("file:1", name)]) {
    const last = path.split("/").at(-1)!
    expect(last.length).toBeLessThanOrEqual(200)
    expect(decodeURIComponent(last)).not.toMatch(/^\.|^$/)
  }
})

test("a name keeps its ending, and has no slashes or dots in front", () => {
  expect(inputPath("p", "f", `${"a".repeat(300)}.png`)).toMatch(/\/a{100,}\.png$/)
  expect(inputPath("p", "f", "../../etc/passwd")).toBe("/input/p/f/_%2F..%2Fetc%2Fpasswd".replaceAll("%2F", "_"))
})
