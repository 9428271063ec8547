import { AsyncLocalStorage } from "node:async_hooks"
import { EventEmitter } from "node:events"
import type { ServerResponse } from "node:http"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { fairShare, pageQueue } from "./page-queue.mjs"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const free = () => ({ other() {}, charge() {}, settle() {}, allows: () => true, hasCredit: () => true })

/** Requests by name; the names are collected once their answers begin, or are refused. */
function asking(queue = pageQueue(free())) {
  const begun: string[] = []
  const refused: string[] = []
  const ask = (name: string) => {
    const response = new EventEmitter() as ServerResponse
    queue.enter(
      response,
      () => begun.push(name),
      () => refused.push(name),
    )
    return response
  }
  return { ask, begun, refused }
}

test("two pages are answered at once, the others in the order of their requests", () => {
  const { ask, begun } = asking()
  const [first, second] = ["a", "b", "c", "d", "e"].map(ask)
  expect(begun).toEqual(["a", "b"])
  second!.emit("finish")
  expect(begun).toEqual(["a", "b", "c"])
  second!.emit("close")
  expect(begun).toEqual(["a", "b", "c"])
  first!.emit("close")
  expect(begun).toEqual(["a", "b", "c", "d"])
})

test("whoever leaves is not answered, and holds up nobody", () => {
  const { ask, begun, refused } = asking()
  const [first, , third] = ["a", "b", "c", "d"].map(ask)
  third!.emit("close")
  first!.emit("finish")
  vi.advanceTimersByTime(60_000)
  expect(begun).toEqual(["a", "b", "d"])
  expect(refused).toEqual([])
})

test("a page that takes long does not keep the others from theirs", () => {
  const { ask, begun } = asking()
  for (const name of ["a", "b", "c"]) ask(name)
  vi.advanceTimersByTime(249)
  expect(begun).toEqual(["a", "b"])
  vi.advanceTimersByTime(1)
  expect(begun).toEqual(["a", "b", "c"])
})

test("who has waited for ten seconds is refused, and so is who would be the 501st to wait", () => {
  const { ask, begun, refused } = asking(pageQueue({ ...free(), allows: () => false }))
  for (let n = 0; n < 501; n++) ask(`${n}`)
  expect(refused).toEqual(["500"])
  vi.advanceTimersByTime(10_000)
  expect(refused).toEqual(["500"])
  vi.advanceTimersByTime(1)
  expect(refused).toHaveLength(501)
  expect(begun).toEqual([])
})

test("every answer runs in the context of its own request", () => {
  const current = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const queue = pageQueue(free())
  const responses = ["a", "b", "c"].map((name) => {
    const response = new EventEmitter() as ServerResponse
    const answer = () => void seen.push(current.getStore())
    current.run(name, () => queue.enter(response, answer, answer))
    return response
  })
  current.run("a", () => responses[0]!.emit("finish"))
  expect(seen).toEqual(["a", "b", "c"])
})

/** Other requests, whose names are collected once they are answered, and `turn`, which passes a turn of the event loop. */
function others(queue: ReturnType<typeof pageQueue>) {
  const answered: string[] = []
  return {
    answered,
    other: (name: string) => queue.other(() => answered.push(name)),
    turn: () => vi.advanceTimersToNextTimer(),
  }
}

test("without a page, other requests are answered at once", () => {
  const { other, answered } = others(pageQueue(free()))
  other("a")
  other("b")
  expect(answered).toEqual(["a", "b"])
})

test("during a page that is within its share, one other request is answered per turn, and the rest after it", () => {
  const queue = pageQueue(free())
  const { other, answered, turn } = others(queue)
  const page = asking(queue).ask("page")
  for (const name of ["a", "b", "c", "d"]) other(name)
  expect(answered).toEqual([])
  turn()
  expect(answered).toEqual(["a"])
  turn()
  expect(answered).toEqual(["a", "b"])
  page.emit("finish")
  other("e")
  turn()
  expect(answered).toEqual(["a", "b", "c", "d", "e"])
  other("f")
  expect(answered).toEqual(["a", "b", "c", "d", "e", "f"])
})

test("an answer that throws during a page does not keep the others waiting", () => {
  const queue = pageQueue(free())
  const { other, answered, turn } = others(queue)
  asking(queue).ask("page")
  queue.other(() => {
    throw new Error("broken")
  })
  other("a")
  expect(turn).toThrow("broken")
  turn()
  expect(answered).toEqual(["a"])
})

test("a page that has had its share does not keep other requests waiting", () => {
  let credit = true
  const queue = pageQueue({ ...free(), hasCredit: () => credit })
  const { other, answered, turn } = others(queue)
  asking(queue).ask("page")
  for (const name of ["a", "b", "c"]) other(name)
  credit = false
  turn()
  expect(answered).toEqual(["a", "b", "c"])
  other("d")
  expect(answered).toEqual(["a", "b", "c", "d"])
})

test("a page that takes long does not keep other requests waiting any longer", () => {
  const queue = pageQueue(free())
  const { other, answered } = others(queue)
  asking(queue).ask("page")
  vi.advanceTimersByTime(250)
  other("a")
  expect(answered).toEqual(["a"])
})

/**
 * A simulated second of the event loop, in steps of 0.1 ms. Pages of 8 ms are requested without end; the other requests
 * take 0.1 ms each and arrive as often as `others` says, as a part of the loop's time.
 */
function second(others: number, arrival = 0) {
  const times = { active: 0, idle: 0 }
  const share = fairShare(() => ({ ...times }))
  let [pages, answered, arrived, rest] = [0, 0, 0, 0]
  let withPage = false
  for (let step = 0; step < 10_000; step++) {
    arrived += others
    // Two requests for pages per millisecond, each of which takes some time to receive.
    if (arrival > 0 && step % 5 === 0) share.charge(arrival)
    if (!withPage && share.allows(false)) {
      share.settle(false)
      withPage = true
      rest = 80
    }
    // The steps of a page take turns with the other requests.
    const another = arrived - answered >= 1 && (!withPage || step % 2 === 0)
    if (another) {
      answered++
      share.other()
      times.active += 0.1
    } else if (withPage) {
      rest--
      pages++
      times.active += 0.1
      if (rest === 0) {
        share.settle(true)
        withPage = false
      }
    } else times.idle += 0.1
  }
  return { pages: pages / 10_000, others: answered / 10_000 }
}

test("while other requests need the whole event loop, pages get a sixth of it", () => {
  const { pages, others } = second(1)
  expect(pages).toBeGreaterThan(0.14)
  expect(pages).toBeLessThan(0.2)
  expect(others).toBeCloseTo(1 - pages)
})

test("receiving requests for pages counts as a part of their sixth", () => {
  // 2,000 requests, each of 0.025 ms, are a twentieth of the second.
  const less = second(1).pages - second(1, 0.025).pages
  expect(less).toBeGreaterThan(0.03)
  expect(less).toBeLessThan(0.07)
  // However many there are, half of the sixth is left.
  expect(second(1, 0.4).pages).toBeGreaterThan(0.07)
})

test("pages take what other requests leave", () => {
  const { pages, others } = second(0.4)
  expect(others).toBeGreaterThan(0.38)
  expect(pages).toBeGreaterThan(0.4)
})

test("without other requests no page waits", () => {
  expect(second(0).pages).toBe(1)
})
