import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { findBundle, findBundledModel } from "@/lib/bundled/catalogue"
import { createPrediction } from "@/lib/predictions/create"
import { subscribePrediction } from "@/lib/predictions/channel"
import { cancelPrediction, getPrediction, type Prediction } from "@/lib/predictions/prediction"
import { isOver } from "@/lib/predictions/status"
import { anAccount } from "@/lib/test/factories"
import { aRunningHub, aTestModel } from "@/lib/test/running"

let alice: Actor
let hub: Awaited<ReturnType<typeof aRunningHub>>
let name: string
beforeAll(async () => {
  alice = (await anAccount()).actor
  ;({ name } = await aTestModel(alice))
  hub = await aRunningHub()
})
afterAll(() => hub.close())

const run = (input: object, fields: object = {}, actor = alice, of = name) =>
  createPrediction(actor, { version: "named" }, { version: of, input, ...fields }, { origin: "http://x" })

/** All snapshots of a prediction until it ends. */
async function story({ id }: Prediction): Promise<Prediction[]> {
  const seen: Prediction[] = []
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${id} is not over: ${JSON.stringify(seen.at(-1))}`)), 30_000)
    void subscribePrediction(id, (prediction) => {
      seen.push(prediction)
      if (!isOver(prediction.status)) return
      clearTimeout(timer)
      resolve()
    })
  })
  return seen
}
const end = async (prediction: Prediction) => (await story(prediction)).at(-1)!
const until = (prediction: Prediction, status: string) =>
  vi.waitFor(async () => expect(await getPrediction(alice, prediction.id)).toMatchObject({ status }), {
    timeout: 20_000,
    interval: 10,
  })

describe("running", () => {
  test("a prediction runs on an instance that is started for it, and ends with what the model says", async () => {
    expect(await end(await run({ do: "say", text: "hi" }))).toMatchObject({
      status: "succeeded",
      output: "hi",
      logs: "said hi\n",
      error: null,
      metrics: { predict_time: expect.any(Number), total_time: expect.any(Number), cost_usd: expect.any(Number) },
    })
  })

  test("whoever watches sees it grow, and what the table says follows", async () => {
    const prediction = await run({ do: "stream", words: ["a", "b", "c"], pause: 400 })
    const seen = await story(prediction)
    const lengths = seen.map(({ output }) => (Array.isArray(output) ? output.length : 0))
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
    expect(new Set(lengths)).toEqual(new Set([0, 1, 2, 3]))
    expect(seen.map(({ status }) => status).filter((status, n, all) => status !== all[n - 1])).toEqual(
      expect.arrayContaining(["processing", "succeeded"]),
    )
  })

  test("one that fails says why", async () => {
    expect(await end(await run({ do: "fail" }))).toMatchObject({ status: "failed", error: "this went wrong" })
  })

  test("one that is cancelled is over at once, and its model stops", async () => {
    const prediction = await run({ do: "wait", seconds: 60 })
    await until(prediction, "processing")
    expect(await cancelPrediction(alice, prediction.id)).toMatchObject({ status: "canceled", error: null })
    expect(await end(await run({ do: "say" }))).toMatchObject({ status: "succeeded" })
  })

  test("one that is not over by its deadline is cancelled, whether it runs or waits", async () => {
    const prediction = await run({ do: "wait", seconds: 60 }, { lifetime: 5 })
    expect(await end(prediction)).toMatchObject({ status: "canceled" })
  })

  test("of a model whose process dies, what it had begun fails, and others run", async () => {
    expect(await end(await run({ do: "die" }))).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/^Prediction interrupted: /),
    })
    expect(await end(await run({ do: "say" }))).toMatchObject({ status: "succeeded" })
  })
})

test("the model echo runs, and streams", async () => {
  const { openapi_schema } = findBundle(findBundledModel("echo")!)!
  const echo = await aTestModel(alice, { bundled: "echo", openapi_schema })
  const prediction = await run({ text: "one two three" }, {}, alice, echo.name)
  expect(prediction).toMatchObject({ streams: "text" })
  const ended = await end(prediction)
  expect(ended.status).toBe("succeeded")
  expect((ended.output as string[]).join("")).toBe("one two three")
})

describe("restarts", () => {
  test("what runs goes on, and ends as if nothing had been", async () => {
    const prediction = await run({ do: "wait", seconds: 3 })
    await until(prediction, "processing")
    await hub.restart()
    expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "waited" })
  })

  test("what waits is still waiting, and runs", async () => {
    await hub.stop()
    const prediction = await run({ do: "say", text: "later" })
    await hub.start()
    expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "later" })
  })
})
