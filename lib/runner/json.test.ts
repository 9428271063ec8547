import { assert, asyncProperty, double, integer, jsonValue } from "fast-check"
import { buffer } from "node:stream/consumers"
import { expect, test } from "vitest"

import { readJson, type ReadOptions } from "./json"

const files: { type: string; place: string; content: Buffer }[] = []
const options: ReadOptions = {
  limit: 1_000_000,
  depth: 20,
  skip: ["input"],
  tail: "logs",
  filesIn: "output",
  async cut({ type, place }, body) {
    files.push({ type, place: place.join("."), content: await buffer(body) })
    return `file ${files.length}`
  },
}

/** Reads a text in chunks of a given size. */
async function read(text: string | Buffer, size = 7, change: Partial<ReadOptions> = {}) {
  files.length = 0
  const bytes = Buffer.from(text as string)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  return readJson(pieces(), { ...options, ...change })
}

test("whatever JSON can say is read as JSON.parse reads it, however it arrives", async () => {
  const values = jsonValue({ maxDepth: 8 }).filter((value) => !JSON.stringify(value).includes("\\u0000"))
  await assert(
    asyncProperty(values, integer({ min: 1, max: 40 }), async (value, size) => {
      const text = JSON.stringify({ value }, null, size % 3)
      expect((await read(text, size)).value).toEqual(JSON.parse(text))
    }),
    { numRuns: 300 },
  )
  await assert(
    asyncProperty(double({ noNaN: true, noDefaultInfinity: true }), async (number) => {
      const text = JSON.stringify([number, number])
      expect((await read(text)).value).toEqual(JSON.parse(text))
    }),
    { numRuns: 100 },
  )
})

test.each([
  "",
  "{",
  "[1,]",
  "{,}",
  '{"a"}',
  '{"a":1,}',
  "[1 2]",
  "[]]",
  "nul",
  "01",
  "1.",
  "+1",
  '"\\x"',
  '"\\u12g4"',
  '"open',
  "{'a':1}",
  "[truefalse]",
])("%j is no JSON", async (text) => {
  await expect(read(text)).rejects.toThrow(/not JSON|too early/)
})

test("a file in the output goes where files go, and its address takes its place", async () => {
  const content = Buffer.from("some bytes, of no length that is a multiple of three")
  const url = `data:image/png;base64,${content.toString("base64")}`
  const body = { input: { url }, output: { weights: url, list: [url, "text", url] }, logs: "", other: url }
  for (const size of [1, 5, 64, 100_000]) {
    expect((await read(JSON.stringify(body), size)).value).toEqual({
      output: { weights: "file 1", list: ["file 2", "text", "file 3"] },
      logs: "",
      other: url,
    })
    expect(files.map(({ place }) => place)).toEqual(["output.weights", "output.list.0", "output.list.2"])
    expect(files.every((file) => file.type === "image/png" && file.content.equals(content))).toBe(true)
  }
})

test("a text that only begins like a file is a text", async () => {
  const texts = ["data", "data:", "data: I have some, see", "data:text/plain,hello", `data:${"x".repeat(2000)}`, "date"]
  expect((await read(JSON.stringify({ output: texts }))).value).toEqual({ output: texts })
})

test("a text that begins like a file of an endless type is a text, and takes no longer than others", async () => {
  const text = `data:${"a".repeat(60_000)},x`
  const before = process.cpuUsage()
  expect((await read(JSON.stringify({ output: text }), 65_536)).value).toEqual({ output: text })
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(400)
})

test("a slash and a sign that are escaped belong to a file as others do", async () => {
  await read('{"output":"data:image\\/png;base64,\\u0061GVs\\/\\/8="}', 3)
  expect(files).toEqual([{ type: "image/png", place: "output", content: Buffer.from("aGVs//8=", "base64") }])
})

test("what is not wanted is read and forgotten, and costs nothing of the budget", async () => {
  const input = { text: "x".repeat(5_000_000), deep: [[["y"]]] }
  expect((await read(JSON.stringify({ input, output: 1 }), 65_536)).value).toEqual({ output: 1 })
})

test("of logs the end is kept, below a line that says how much is not, and it never gets shorter", async () => {
  const lengths: number[] = []
  for (const lines of [10, 50_000, 60_000, 200_000]) {
    const logs = Array.from({ length: lines }, (_, line) => `line ${line} says "something" ✓\n`).join("")
    const result = await read(JSON.stringify({ logs }), 65_536)
    const kept = (result.value as { logs: string }).logs
    expect(result.tailLength).toBe(logs.length)
    if (lines === 10) expect(kept).toBe(logs)
    else expect(kept).toMatch(/^\[The first +[\d,]+ characters of these logs are not kept.\]\n/)
    expect(kept.endsWith(logs.slice(-100_000))).toBe(lines > 10 || kept === logs)
    lengths.push(kept.length)
  }
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
  expect(lengths[3]).toBeLessThan(1_100_000)
})

test("NaN and Infinity, which Python writes, are null, and it is known where they stood", async () => {
  const { value, notNumbers } = await read('{"output":[1,NaN,{"a":-Infinity}],"metrics":{"loss":Infinity,"big":1e999}}')
  expect(value).toEqual({ output: [1, null, { a: null }], metrics: { loss: null, big: null } })
  expect(notNumbers).toEqual([
    ["output", 1],
    ["output", 2, "a"],
    ["metrics", "loss"],
    ["metrics", "big"],
  ])
})

test("bytes that are no text, halves of characters and NUL become signs of their own", async () => {
  const body = Buffer.concat([
    Buffer.from('{"output":"a'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('b\\ud83d","ok":"\\ud83d\\ude00 \\u0000 ✓"}'),
  ])
  for (const size of [1, 100])
    expect((await read(body, size)).value).toEqual({ output: "a\uFFFD\uFFFDb\uFFFD", ok: "😀 \uFFFD ✓" })
})

test("a member called __proto__ is a member", async () => {
  const { value } = await read('{"__proto__":{"polluted":true},"a":1}')
  expect(Object.keys(value as object)).toEqual(["__proto__", "a"])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test("what is too large or too deep is refused while it comes", async () => {
  async function* endless() {
    yield Buffer.from('{"output":["')
    for (;;) yield Buffer.alloc(65_536, 0x61)
  }
  await expect(readJson(endless(), options)).rejects.toThrow("It is larger than 1 MB, files aside.")
  async function* deep() {
    yield Buffer.from('{"output":')
    for (;;) yield Buffer.alloc(65_536, "[")
  }
  await expect(readJson(deep(), options)).rejects.toThrow("It is nested more than 20 levels deep.")
  async function* many() {
    yield Buffer.from('{"output":[')
    for (;;) yield Buffer.from("0,".repeat(30_000))
  }
  await expect(readJson(many(), options)).rejects.toThrow("It is larger than 1 MB")
})

test("a file is taken no faster than it is kept, and 600 MB need little memory", async () => {
  const size = 600 * 2 ** 20
  const piece = Buffer.alloc(48 * 1024, 3).toString("base64")
  let given = 0
  let most = 0
  async function* body() {
    yield Buffer.from('{"output":{"weights":"data:application/x-tar;base64,')
    for (; given < size; given += 48 * 1024) yield Buffer.from(piece)
    yield Buffer.from('"},"status":"succeeded"}')
  }
  const before = process.memoryUsage().rss
  let taken = 0
  const { value } = await readJson(body(), {
    ...options,
    async cut(_, stream) {
      for await (const chunk of stream) {
        taken += (chunk as Buffer).length
        most = Math.max(most, process.memoryUsage().rss - before)
      }
      return "kept"
    },
  })
  expect(value).toEqual({ output: { weights: "kept" }, status: "succeeded" })
  expect(taken).toBe(given)
  expect(most).toBeLessThan(128 * 2 ** 20)
})

test("where a file cannot be kept, reading ends with the reason", async () => {
  const body = JSON.stringify({ output: `data:image/png;base64,${"AAAA".repeat(2_000_000)}` })
  const cut = async () => {
    throw new Error("the disk is full")
  }
  await expect(read(body, 65_536, { cut })).rejects.toThrow("the disk is full")
})

test("a file that breaks off is not kept as if it were whole", async () => {
  let outcome = ""
  const cut: ReadOptions["cut"] = (_, body) =>
    buffer(body).then(
      () => (outcome = "whole"),
      (error) => (outcome = error.message),
    )
  await expect(read('{"output":"data:image/png;base64,AAAAAAAA', 8, { cut })).rejects.toThrow("too early")
  await expect.poll(() => outcome).toBe("It ends too early.")
})
