import { afterAll, beforeAll, expect, test } from "vitest"

import { servedBundle } from "@/lib/test/bundled"
import { input } from "./schema.mjs"

let echo: Awaited<ReturnType<typeof servedBundle>>
beforeAll(async () => void (echo = await servedBundle("echo")))
afterAll(() => echo.stop())

const run = async (given: Record<string, unknown>) => (await echo.predict(given)).body

test("its output is words that together are the text, as often as asked", async () => {
  expect(await run({})).toMatchObject({ status: "succeeded", output: ["hello"], logs: "" })
  expect((await run({ text: "a  b\n c ", repeat: 2 })).output).toEqual([
    "a",
    "  b",
    "\n c",
    " ",
    "a",
    "  b",
    "\n c",
    " ",
  ])
  for (const text of ["", " ", "one", " two words", "日本語 テキスト\t🎨 "])
    expect((await run({ text, repeat: 3 })).output.join("")).toBe(text.repeat(3))
  expect((await run({ text: "x", repeat: 1000 })).output).toHaveLength(1000)
  expect((await echo.predict({ repeat: 1001 })).status).toBe(422)
})

test("it waits before each word", async () => {
  const { metrics } = await run({ text: "a b", delay: 0.1, repeat: 2 })
  expect(metrics.predict_time).toBeGreaterThanOrEqual(0.39)
})

test("it fails at the end with the message it was given, and keeps what it said", async () => {
  expect(await run({ text: "so far", fail: "no further" })).toMatchObject({
    status: "failed",
    error: "no further",
    output: ["so", " far"],
    logs: "",
  })
})

const everything = {
  letters: "abc",
  note: "n",
  count: 7,
  seed: -1,
  ratio: 0.5,
  color: "green",
  size: 512,
  file: "data:text/plain,hello",
  picture: "data:image/png;base64,AAAA",
  secret: "sesame",
  words: ["a", "b"],
  numbers: [1, 2],
  files: ["data:text/plain,1", "data:text/plain,22"],
  options: { deep: [null, true] },
  either: 5,
  old: "o",
}

test("its log shows every other input that was given, and no secret", async () => {
  const { logs, ...told } = await run({ ...everything, log: true })
  expect(logs).toMatchInlineSnapshot(`
    "letters: "abc"
    note: "n"
    count: 7
    seed: -1
    ratio: 0.5
    color: "green"
    size: 512
    file: file.plain (text/plain, 5 bytes)
    picture: file.png (image/png, 3 bytes)
    secret: **********
    words: ["a","b"]
    numbers: [1,2]
    files: ["file.plain (text/plain, 1 bytes)","file.plain (text/plain, 2 bytes)"]
    options: {"deep":[null,true]}
    either: 5
    old: "o"
    1/1 hello
    "
  `)
  expect(told.input.secret).toBe("**********")
  expect(JSON.stringify(told)).not.toContain("sesame")
  expect(echo.said()).not.toContain("sesame")
})

test("it has an optional input of every kind, and each is checked", async () => {
  expect(Object.keys(input)).toEqual(["text", "delay", "repeat", "fail", "log", ...Object.keys(everything)])
  const wrong = {
    letters: "A",
    note: {},
    count: 101,
    seed: "x",
    ratio: 2,
    color: "pink",
    size: 3,
    file: "hello",
    picture: "ftp://x",
    secret: [],
    words: "a",
    numbers: ["x"],
    files: ["x"],
    options: [],
    either: {},
    old: [],
  }
  expect(Object.keys(wrong)).toEqual(Object.keys(everything))
  const { status, body } = await echo.predict(wrong)
  expect(status).toBe(422)
  expect(body.detail.map(({ loc }: { loc: string[] }) => loc[2])).toEqual(Object.keys(wrong))
  expect(await run({ either: "x", note: null, picture: null })).toMatchObject({ input: { either: "x", note: null } })
})
