import { describe, expect, test, vi } from "vitest"

import { databaseHandle } from "@/db"
import { dialect } from "@/db/kit"
import { channel, newBus } from "./bus"
import { assembler, framesOf, readFrame } from "./frames"

describe("frames", () => {
  const through = (lines: string[], assemble = assembler()) => lines.map((line) => assemble(readFrame(line)!))

  test.each([["short"], ["long and not ASCII ".repeat(2000) + "ü💥\0".repeat(4000)], [""]])(
    "bring back what was sent, each in less than 8,000 bytes",
    (text) => {
      const lines = framesOf("someone", 0, { text })
      for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThan(8000)
      const answers = through(lines)
      expect(answers.pop()).toEqual({ value: { text }, lost: false })
      expect(answers.every(({ value }) => value === undefined)).toBe(true)
    },
  )

  test("of several senders may be mixed", () => {
    const [one, other] = ["one", "other"].map((from) => framesOf(from, 5, from.repeat(8000)))
    const mixed = one!.flatMap((line, at) => [line, other![at]!].filter(Boolean)).concat(other!.slice(one!.length))
    const values = through(mixed).flatMap(({ value }) => value ?? [])
    expect(values).toEqual(["one".repeat(8000), "other".repeat(8000)])
  })

  test("tell when a batch, or a part of one, is missing", () => {
    const batch = (n: number) => framesOf("one", n, "x".repeat(20_000))
    const lost = (lines: string[]) => through(lines).some(({ lost }) => lost)
    expect(lost([...batch(0), ...batch(1)])).toBe(false)
    expect(lost([...batch(0), ...batch(2)])).toBe(true)
    expect(lost([batch(0)[0]!, ...batch(1)])).toBe(true)
    expect(lost([batch(0)[0]!, batch(0)[2]!])).toBe(true)
    // Messages from before the subscription do not count as missed.
    expect(lost([...batch(0).slice(1), ...batch(1)])).toBe(false)
  })
})

test("senders that are silent for long are forgotten, others are not", () => {
  const assemble = assembler()
  const hear = (line: string) => assemble(readFrame(line)!)
  const [steady, silent] = ["steady", "silent"].map((from) => framesOf(from, 0, from.repeat(3000)))
  hear(silent![0]!)
  hear(steady![0]!)
  for (let n = 0; n < 998; n++) hear(framesOf(`other-${n}`, 0, n)[0]!)
  hear(steady![1]!)
  for (let n = 0; n < 500; n++) hear(framesOf(`later-${n}`, 0, n)[0]!)
  expect(hear(steady![2]!)).toEqual({ value: "steady".repeat(3000), lost: false })
  for (const line of silent!.slice(1)) expect(hear(line)).toEqual({ lost: false })
})

test("what is no frame is none", () => {
  for (const line of ["", "hello", "one 1 0", '{"from":"one"}']) expect(readFrame(line)).toBeUndefined()
})

test("a message is heard at once by all who subscribed in the same process, until they no longer do", () => {
  const heard: string[] = []
  const stop = channel<string>("greetings").subscribe((message) => void heard.push(`one ${message}`))
  channel<string>("greetings").subscribe((message) => void heard.push(`two ${message}`))
  channel<string>("others").publish("nothing")
  channel<string>("greetings").publish("hello")
  stop()
  channel<string>("greetings").publish("bye")
  expect(heard).toEqual(["one hello", "two hello", "two bye"])
})

test("a subscriber that fails keeps nobody else from hearing", () => {
  const heard: string[] = []
  channel<string>("failing").subscribe(() => {
    throw new Error("This one cannot.")
  })
  channel<string>("failing").subscribe((message) => void heard.push(message))
  channel<string>("failing").publish("hello")
  expect(heard).toEqual(["hello"])
})

const betweenProcesses = () => {
  async function aProcess() {
    const bus = newBus(true)
    const numbers = bus.channel<number>("numbers", { merge: summed })
    const texts = bus.channel<string>("texts")
    const heard = { numbers: [] as number[], texts: [] as string[], missed: 0 }
    numbers.subscribe((message) => void heard.numbers.push(message))
    texts.subscribe(
      (message) => void heard.texts.push(message),
      () => void heard.missed++,
    )
    return { numbers, texts, heard, stop: await bus.connect() }
  }
  const summed = (waiting: number[], next: number) => [(waiting[0] ?? 0) + next]

  test("messages arrive whole and in order in the others, and in the one that sent them only once", async () => {
    const [here, there] = [await aProcess(), await aProcess()]
    const texts = Array.from({ length: 100 }, (_, n) => `${n} ${n % 10 === 0 ? "💥".repeat(5000) : ""}`)
    for (const text of texts) here.texts.publish(text)
    expect(here.heard.texts).toEqual(texts)
    await vi.waitFor(() => expect(there.heard.texts).toEqual(texts), { timeout: 5000 })
    await new Promise((resume) => setTimeout(resume, 100))
    expect(here.heard).toEqual({ numbers: [], texts, missed: 0 })
    expect(there.heard.missed).toBe(0)
    await Promise.all([here.stop(), there.stop()])
  })

  test("those that wait can be merged", async () => {
    const [here, there] = [await aProcess(), await aProcess()]
    for (let n = 1; n <= 100; n++) here.numbers.publish(n)
    await vi.waitFor(() => expect(there.heard.numbers).toEqual([5050]), { timeout: 5000 })
    expect(here.heard.numbers).toHaveLength(100)
    await Promise.all([here.stop(), there.stop()])
  })

  test("what was said last is told before a process ends", async () => {
    const [here, there] = [await aProcess(), await aProcess()]
    here.texts.publish("good bye")
    await here.stop()
    await vi.waitFor(() => expect(there.heard.texts).toEqual(["good bye"]), { timeout: 5000 })
    await there.stop()
  })

  test("a connection that was cut comes back, and whoever listened is told that something may be missing", async () => {
    const [here, there] = [await aProcess(), await aProcess()]
    const cut = await databaseHandle()
      .pg!`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and pid <> pg_backend_pid()`
    expect(cut.length).toBeGreaterThan(0)
    await vi.waitFor(
      async () => {
        here.texts.publish("hello")
        await new Promise((resume) => setTimeout(resume, 100))
        expect(there.heard.texts.length).toBeGreaterThan(0)
      },
      { timeout: 10_000 },
    )
    expect(there.heard.missed).toBeGreaterThan(0)
    await Promise.all([here.stop(), there.stop()])
  })
}
// Only PostgreSQL connects several processes.
if (dialect === "pg") describe("between processes that share a database", betweenProcesses)
