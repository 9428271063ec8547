import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"

import { callbackListener, servedBundle } from "@/lib/test/bundled"
import { examplesOf } from "./examples.mjs"
import { wordsOf } from "./words.mjs"

type Served = Awaited<ReturnType<typeof servedBundle>>

const csv = readFileSync("lib/test/examples/tickets.csv", "utf8")
const dataUrl = (text: string) => `data:text/csv;base64,${Buffer.from(text).toString("base64")}`

/** Texts that are not among the examples. */
const unseen = [
  ["Your invoice charges me for a plan I cancelled", "billing"],
  ["I need a refund, the card was charged twice", "billing"],
  ["The app crashes with an error after I sign in", "bug"],
  ["Upload fails and the page freezes", "bug"],
  ["Please add an option to export the calendar", "feature"],
  ["It would be nice to have shortcuts for folders", "feature"],
] as const

/** The model with the weights of a training, given as a URL as engines do (here a data URL). */
async function trained(weights: string): Promise<Served> {
  const files = { "/weights.bin": Buffer.from(weights.split(",")[1]!, "base64") }
  const { origin, stop } = await callbackListener({ files })
  const model = await servedBundle("classify-text", { env: { COG_WEIGHTS: `${origin}/weights.bin` } })
  onTestFinished(async () => {
    await stop()
    await model.stop()
  })
  return model
}

async function accuracyOf(model: Served): Promise<number> {
  let right = 0
  for (const [text, label] of unseen) right += Number((await model.predict({ text })).body.output.label === label)
  return right / unseen.length
}

describe("the base", () => {
  let model: Served
  beforeAll(async () => void (model = await servedBundle("classify-text")))
  afterAll(() => model.stop())

  test.each([
    ["I love this product, it works great", "positive"],
    ["This is terrible and I hate it", "negative"],
    ["not good at all", "negative"],
    ["The film was not bad", "positive"],
    ["I don’t like it", "negative"],
    ["Thanks, you made my day!", "positive"],
    ["The worst meal I have ever had", "negative"],
    ["A delightful, charming little film", "positive"],
  ])("%s: %s", async (text, label) => {
    const { body } = await model.predict({ text })
    expect(body).toMatchObject({ status: "succeeded", output: { label } })
    const { scores } = body.output
    expect(Object.keys(scores).toSorted()).toEqual(["negative", "positive"])
    expect(scores.positive + scores.negative).toBeCloseTo(1, 2)
    expect(scores[label]).toBeGreaterThan(0.5)
  })

  test("trains only when it was started to", async () => {
    expect((await model.ask("POST", "/trainings", { input: { examples: dataUrl(csv) } })).status).toBe(404)
    expect((await model.ask("GET", "/")).body).toMatchObject({ trainings_url: "/trainings" })
  })
})

describe("a training", () => {
  let trainer: Served
  beforeAll(async () => void (trainer = await servedBundle("classify-text", { args: ["--x-mode", "train"] })))
  afterAll(() => trainer.stop())
  const fineTune = async (input: Record<string, unknown>) => (await trainer.ask("POST", "/trainings", { input })).body

  test("makes weights that know the labels of the examples, logs its loss, and takes seconds", async () => {
    const began = performance.now()
    const { status, output, logs, metrics, error } = await fineTune({ examples: dataUrl(csv) })
    const seconds = (performance.now() - began) / 1000
    expect({ status, error }).toEqual({ status: "succeeded", error: null })
    expect(seconds).toBeLessThan(20)

    expect(logs).toMatch(/^30 examples of 3 labels: billing, bug, feature\n/)
    const losses = [...logs.matchAll(/^epoch \d+\/50 loss=(\d+\.\d+)$/gm)].map(([, loss]) => Number(loss))
    expect(losses.length).toBeGreaterThan(10)
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
    expect(metrics.accuracy).toBeGreaterThan(0.95)

    const tuned = await trained(output.weights)
    const base = await servedBundle("classify-text")
    onTestFinished(() => base.stop())
    expect((await tuned.health()).setup.logs).toContain("Labels: billing, bug, feature")
    const [before, after] = [await accuracyOf(base), await accuracyOf(tuned)]
    console.log(
      `classify-text: accuracy on unseen texts ${before} before, ${after} after ${seconds.toFixed(1)} s of training`,
    )
    expect(before).toBe(0)
    expect(after).toBeGreaterThan(0.8)
  })

  test("gives the same weights for the same examples, whatever else is in the labels", async () => {
    const odd = dataUrl('label,text\n"sehr gut, 5 %",schön und gut\n日本,この世はすべて舞台\n')
    const [one, again] = [await fineTune({ examples: odd, epochs: 5 }), await fineTune({ examples: odd, epochs: 5 })]
    expect(one.output.weights).toBe(again.output.weights)
    const tuned = await trained(one.output.weights)
    expect((await tuned.predict({ text: "この世" })).body.output).toMatchObject({
      label: "日本",
      scores: { "sehr gut, 5 %": expect.any(Number) },
    })
  })

  test.each([
    ["a,b\n1,2", "The first line of the examples has to name the columns text and label; it is: a,b"],
    ["text,label\none,same\ntwo,same", "The examples need at least two different labels"],
    ["", "The first line of the examples has to name the columns text and label"],
  ])("refuses %j in a sentence", async (text, sentence) => {
    expect(await fineTune({ examples: dataUrl(text) })).toMatchObject({
      status: "failed",
      error: expect.stringContaining(sentence),
    })
  })

  test("can be cancelled, and the next one runs", async () => {
    const rows = Array.from(
      { length: 5000 },
      (_, n) => `a long text about thing number ${n} and others,${n % 2 ? "odd" : "even"}`,
    )
    const request = trainer.ask("PUT", "/trainings/long", {
      input: { examples: dataUrl(`text,label\n${rows.join("\n")}`), epochs: 1000 },
    })
    await expect.poll(async () => (await trainer.health()).status).toBe("BUSY")
    await trainer.ask("POST", "/trainings/long/cancel")
    expect((await request).body.status).toBe("canceled")
    expect((await fineTune({ examples: dataUrl(csv), epochs: 1 })).status).toBe("succeeded")
  })
})

test("weights that are none fail the set-up, in a sentence", async () => {
  const model = await servedBundle("classify-text", { env: { COG_WEIGHTS: "data:text/plain,nonsense" } })
  onTestFinished(() => model.stop())
  const { status, setup } = await model.health()
  expect(status).toBe("SETUP_FAILED")
  expect(setup.logs).toContain("These weights were not created by this model.")
})

test("a CSV file may quote, break lines inside, order its columns and end its lines as it likes", () => {
  expect(
    examplesOf(
      '\uFEFFid,Label, TEXT \r\n1,a,"He said ""no"", twice"\r\n2,b,"two\nlines"\r\n\r\n3,,unlabelled\r\n4,b,last',
    ),
  ).toEqual([
    { text: 'He said "no", twice', label: "a" },
    { text: "two\nlines", label: "b" },
    { text: "last", label: "b" },
  ])
})

test("a word behind a negation is another word", () => {
  expect(wordsOf("It's not a good film. Good!")).toBe("it's not not_a not_good not_film good !")
})
