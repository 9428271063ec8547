import { expect, test } from "vitest"

import type { PredictionBody } from "@/lib/models/prediction-body"
import { Tail } from "@/lib/runner/text"
import { joinSince, presentSince } from "./since"

const shown = (logs: string, output: unknown = null, status = "processing") => ({
  prediction: { id: "one", logs, output, status } as unknown as PredictionBody,
  progress: null,
})

test("a page that has seen a part gets what is new, and shows the same as one that got all", () => {
  const states = [
    shown(""),
    shown("one\n"),
    shown("one\ntwo\n", ["a"]),
    shown("one\ntwo\n", ["a", "b", "c"]),
    shown("one\ntwo\nthree\n", ["a", "b", "c", "d"], "succeeded"),
  ]
  let page: ReturnType<typeof shown> = states[0]!
  let seen: string | null = null
  for (const state of states) {
    const next = presentSince(state, seen)
    page = joinSince(page, next) as typeof page
    expect(page).toEqual(state)
    seen = next.seen
  }
  const again = presentSince(states[3]!, presentSince(states[2]!, null).seen)
  expect(again.prediction).toMatchObject({ logs: "", output: null })
  expect(again.added).toMatchObject({ logs: "", output: ["b", "c"] })
})

test("a page keeps the input that it has, which is not sent again", () => {
  const first = { ...shown("").prediction, input: { text: "given" } }
  const next = presentSince({ prediction: first, progress: null }, "")
  expect(next.prediction.input).toEqual({})
  expect(joinSince({ prediction: first, progress: null }, next).prediction.input).toEqual({ text: "given" })
  expect(presentSince({ prediction: first, progress: null }, null).prediction.input).toEqual({ text: "given" })
})

test("logs whose beginning was cut off go on where they were, and a page keeps what it has", () => {
  const tail = new Tail(100)
  const line = (n: number) => `line ${String(n).padStart(4, "0")}\n`
  let page = shown("")
  let seen: string | null = null
  const sizes: number[] = []
  for (let n = 0; n < 50; n++) {
    const next = presentSince(shown(tail.append(line(n)).toString()), seen)
    page = joinSince(page, next) as typeof page
    seen = next.seen
    sizes.push(next.added.logs?.length ?? -1)
  }
  expect(page.prediction.logs).toMatch(/characters of these logs are not kept/)
  expect(page.prediction.logs!.endsWith([47, 48, 49].map(line).join(""))).toBe(true)
  // Sent in full twice: at first, and when the beginning was cut off.
  expect(sizes.filter((size) => size === -1)).toHaveLength(2)
  expect(sizes.filter((size) => size === 10)).toHaveLength(48)
})

test("what was removed, or is not what was seen, is sent in full", () => {
  const { seen } = presentSince(shown("one\ntwo\n", ["a"]), null)
  expect(presentSince(shown("", null, "succeeded"), seen).added).toEqual({ logs: undefined, setup_log: "" })
  expect(presentSince(shown("one\n"), "nonsense").added.logs).toBeUndefined()
  expect(presentSince(shown("one\n"), "allNaN all-1 x").added.logs).toBeUndefined()
})
