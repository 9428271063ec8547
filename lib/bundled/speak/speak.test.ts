import { afterAll, beforeAll, expect, test } from "vitest"

import { servedBundle } from "@/lib/test/bundled"
import { input } from "./schema.mjs"

let speak: Awaited<ReturnType<typeof servedBundle>>
beforeAll(async () => void (speak = await servedBundle("speak")))
afterAll(() => speak.stop())

/** Speaks a text. Returns the duration in seconds and the peak volume. */
async function say(text: string, voice?: string) {
  const { body } = await speak.predict({ text, voice })
  expect(body).toMatchObject({ status: "succeeded", output: expect.stringMatching(/^data:audio\/wav;base64,/) })
  const wave = Buffer.from(body.output.split(",")[1], "base64")
  expect(wave.toString("latin1", 0, 4)).toBe("RIFF")
  expect(wave.readUInt32LE(4)).toBe(wave.length - 8)
  expect(wave.toString("latin1", 8, 16)).toBe("WAVEfmt ")
  expect([wave.readUInt16LE(20), wave.readUInt16LE(22), wave.readUInt32LE(24), wave.readUInt16LE(34)]).toEqual([
    1, 1, 16000, 16,
  ])
  expect(wave.toString("latin1", 36, 40)).toBe("data")
  expect(wave.readUInt32LE(40)).toBe(wave.length - 44)
  const samples = new Int16Array(new Uint8Array(wave.subarray(44)).buffer)
  return {
    wave,
    seconds: samples.length / 16000,
    loudest: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    logs: body.logs,
  }
}

test.each(input.voice.enum)("%s says a sentence", async (voice) => {
  const { seconds, loudest } = await say("All the world's a stage, and all the men and women merely players.", voice)
  expect(seconds).toBeGreaterThan(2.5)
  expect(seconds).toBeLessThan(7)
  expect(loudest).toBeGreaterThan(3000)
})

test("each voice is another, and the same text sounds the same again", async () => {
  const spoken: string[] = []
  for (const voice of input.voice.enum) spoken.push((await say("Hello", voice)).wave.toString("base64"))
  expect(new Set(spoken).size).toBe(4)
  expect((await say("Hello")).wave.toString("base64")).toBe(spoken[0])
})

test("a long text is said sentence by sentence, and takes as long as it is", async () => {
  const one = await say("This is one sentence of several.")
  const many = await say("This is one sentence of several. ".repeat(20))
  expect(many.seconds).toBeGreaterThan(one.seconds * 15)
  expect(many.logs).toMatch(/^1\/20\n[^]*20\/20\n[\d.]+ seconds of speech\n$/)
  expect((await say("word ".repeat(500))).seconds).toBeGreaterThan(60)
})

test("accents and quotes are understood, and what cannot be said is refused", async () => {
  expect((await say("“Café” – naïve ‘façade’ 🎭")).seconds).toBeGreaterThan(1)
  for (const text of ["日本語", "…", " \n "])
    expect((await speak.predict({ text })).body).toMatchObject({
      status: "failed",
      error: "The text contains nothing that these voices can speak. They speak English only.",
      logs: "",
    })
  expect((await speak.predict({ text: "" })).status).toBe(422)
  expect((await speak.predict({ text: "x", voice: "hal" })).status).toBe(422)
})
