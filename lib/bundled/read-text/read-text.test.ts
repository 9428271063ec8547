import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"

import { servedBundle } from "@/lib/test/bundled"
import { drawnText } from "@/lib/test/drawn"

let model: Awaited<ReturnType<typeof servedBundle>>
beforeAll(async () => void (model = await servedBundle("read-text")))
afterAll(() => model.stop())

const lines = ["All the world's a stage,", "and we are understudies 1599"]

test.each(["png", "jpeg", "webp"] as const)("it reads a %s, and says where each word stands", async (format) => {
  const { body } = await model.predict({ image: await drawnText(lines, { format }) })
  expect(body.status).toBe("succeeded")
  expect(body.output.text.split(/\n+/)).toEqual(lines)
  const { boxes } = body.output
  expect(boxes.map(({ text }: { text: string }) => text)).toEqual(lines.join(" ").split(" "))
  for (const { left, top, right, bottom, confidence } of boxes) {
    expect(confidence).toBeGreaterThan(0.8)
    expect(right - left).toBeGreaterThan(10)
    expect(bottom - top).toBeGreaterThan(10)
    expect(bottom - top).toBeLessThan(60)
  }
  expect(boxes[0].left).toBeLessThan(boxes[1].left)
  expect(boxes[0].bottom).toBeLessThan(boxes.at(-1).top)
})

test("transparent paper is white, and empty paper has no text", async () => {
  const { body } = await model.predict({ image: await drawnText(["Ghost light"], { background: "none" }) })
  expect(body.output.text).toBe("Ghost light")
  expect((await model.predict({ image: await drawnText([]) })).body.output).toEqual({ text: "", boxes: [] })
})

test.each([
  ["no picture", "data:text/plain,hello", "This file is not a valid image. Send a PNG, JPEG or WebP."],
  [
    "a damaged one",
    `data:image/png;base64,${Buffer.from("\x89PNG\r\n\x1a\nxxxx", "latin1").toString("base64")}`,
    "The image is damaged",
  ],
])("%s is refused in a sentence", async (_what, image, sentence) => {
  const { body } = await model.predict({ image })
  expect(body).toMatchObject({ status: "failed", error: expect.stringContaining(sentence) })
  expect(body.logs).toBe("")
})

test("while it reads a long page it answers, and can be cancelled at once", async () => {
  const page = await drawnText(
    Array.from({ length: 60 }, () => "Words and words and words and words and words"),
    { size: 24 },
  )
  let isOver = false
  const request = model.ask("PUT", "/predictions/long", { input: { image: page } }).finally(() => (isOver = true))
  await sleep(300)
  expect((await model.health()).status).toBe("BUSY")
  expect(isOver).toBe(false)
  await model.ask("POST", "/predictions/long/cancel")
  expect((await request).body).toMatchObject({ status: "canceled" })
  expect((await model.predict({ image: await drawnText(["again"]) })).body.output.text).toBe("again")
})
