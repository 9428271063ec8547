import { expect, test } from "vitest"

import { LogReader, LogSearch, LogView } from "./log-reader"

function linesOf(text: string, most: number): string[] {
  const log = new LogReader()
  while (log.read(text, most));
  return [...log.lines.slice(0, -1), ...log.lastLines]
}

test("of a progress bar only the last state is left, and of several each its own", () => {
  const text = "begin\n  0%|  |\n 50%|# |\r100%|##|\nload: 1%|\nload: 9%|\nsave: 3%|\nend\n"
  for (const most of [1, 3, 1000])
    expect(linesOf(text, most)).toEqual(["begin", "100%|##|", "load: 9%|", "save: 3%|", "end"])
  expect(linesOf("load: 1%|\nload: 9%|", 1000)).toEqual(["load: 9%|"])
})

test("lines are the same in whatever pieces they arrive", () => {
  const text = "one\r\ntwo\rthree\n\nfour\r\n"
  for (const most of [1, 2, 5, 1000]) expect(linesOf(text, most)).toEqual(["one", "two", "three", "", "four"])
})

test("a text without line breaks is broken after 100,000 characters", () => {
  expect(linesOf("x".repeat(250_000), 70_000).map(({ length }) => length)).toEqual([100_000, 100_000, 50_000])
})

test("fifty million characters are read and searched in pieces of a few milliseconds", () => {
  const log = new LogReader()
  const text = `${"x".repeat(99)}\n`.repeat(499_999) + "needle\n"
  const times: number[] = []
  const timed = (work: () => boolean) => {
    const begin = performance.now()
    const more = work()
    times.push(performance.now() - begin)
    return more
  }
  while (timed(() => log.read(text, 1_000_000)));
  expect(log.lines).toHaveLength(500_000)
  const search = new LogSearch(log.lines, "needle")
  while (timed(() => search.search(20_000)));
  expect([...search.found, ...log.lastLines.filter(search.matches)]).toEqual(["needle"])
  expect(times.length).toBeGreaterThan(70)
  expect(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(50)
})

test("a text that does not begin with what was read is another one", () => {
  const log = new LogReader()
  log.read("one\ntwo", 1000)
  expect(log.continues("one\ntwo\nthree")).toBe(true)
  expect(log.continues("one\nto")).toBe(false)
  expect(log.continues("another\ntext")).toBe(false)
})

test("the last lines are those of all, or those found, also while the log grows", () => {
  const lines = Array.from({ length: 30 }, (_, n) => `${n % 3 === 0 ? "Fizz" : "line"} ${n}`)
  const text = lines.join("\n")
  const view = new LogView(lines.slice(0, 10).join("\n"))
  while (view.advance(text, ""));
  expect(view.last(3)).toEqual({ lines: lines.slice(27), hidden: 27, found: null })
  while (view.advance(text, "fizz"));
  expect(view.last(2)).toEqual({ lines: ["Fizz 24", "Fizz 27"], hidden: 8, found: { lines: 10, of: 30 } })
  while (view.advance(`${text}\nfizz`, "fizz"));
  expect(view.last(2).lines).toEqual(["Fizz 27", "fizz"])
  while (view.advance("another text", ""));
  expect(view.last(9).lines).toEqual(["another text"])
})
