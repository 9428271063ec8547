import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import type { InstanceSpec } from "@/lib/engines/engine"
import { openFile } from "@/lib/files/file"
import { createPrediction } from "@/lib/predictions/create"
import { getPrediction, type Prediction } from "@/lib/predictions/prediction"
import { isOver } from "@/lib/predictions/status"
import { readCapture, replayEngine } from "@/lib/test/cog-replay"
import { aModel, anAccount } from "@/lib/test/factories"
import { aRunningHub, aTestModel } from "@/lib/test/running"
import { listVersions } from "@/lib/versions/version"
import openapi from "../test/cog-captures/train.openapi.json" with { type: "json" }
import { lossesIn } from "./losses"
import { cancelTraining, createTraining, getTraining } from "./training"
import { weightsIn } from "./weights"

// Every recorded training of a real model server, from its creation to its version.

const captures = ["train.train-mode", "train.predict-mode", "train_slow", "train.cog-weights"].map(readCapture)
const all = {
  model: "train",
  exchanges: captures.flatMap(({ exchanges }) => exchanges),
  received_by_sink: captures.flatMap(({ received_by_sink = [] }) => received_by_sink),
}
const { schemas } = openapi.components
const play = { play: { type: "string", "x-order": 9 } }
/** The recorded schema, with an input that names the exchange to replay. */
const playable = {
  ...openapi,
  components: {
    schemas: {
      ...schemas,
      Input: { ...schemas.Input, properties: { ...schemas.Input.properties, ...play } },
      TrainingInput: { ...schemas.TrainingInput, properties: { ...schemas.TrainingInput.properties, ...play } },
    },
  },
}

let folder: string
let alice: Actor
let trainer: Awaited<ReturnType<typeof aTestModel>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
let asked: string[]
const started: InstanceSpec[] = []
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "us-replay-"))
  alice = (await anAccount()).actor
  trainer = await aTestModel(alice, { openapi_schema: playable })
  const replay = replayEngine(folder, all)
  asked = replay.asked
  const { ensure } = replay.engine
  hub = await aRunningHub({
    engines: [
      Object.assign(replay.engine, {
        ensure(spec: InstanceSpec) {
          started.push(spec)
          return ensure(spec)
        },
      }),
    ],
  })
})
afterAll(async () => {
  await hub.close()
  rmSync(folder, { recursive: true, force: true })
})

async function end({ id }: Prediction): Promise<Prediction> {
  return vi.waitFor(
    async () => {
      const now = await getPrediction(alice, id)
      expect(isOver(now.status), `${now.status}: ${now.logs}`).toBe(true)
      return now
    },
    { timeout: 50_000, interval: 50 },
  )
}

const played = new Set<string>()
async function train(exchange: string) {
  played.add(exchange)
  const destination = await aModel(alice)
  const { owner, name } = trainer.model
  const training = await createTraining(
    alice,
    { owner, name, id: trainer.version.id },
    {
      destination: `${destination.owner}/${destination.name}`,
      input: { train_data: "https://example.com/data.txt", play: exchange },
    },
    { origin: "http://x" },
  )
  return { destination, training }
}

test.each([
  ["training sync", "95 bytes, 3 epochs, lr 0.0001", "epoch 3/3 loss=0.333"],
  ["training async", "95 bytes, 2 epochs, lr 0.0001", "epoch 2/2 loss=0.500"],
  ["training put", "95 bytes, 2 epochs, lr 0.0001", "epoch 2/2 loss=0.500"],
])("%s: its weights become a version", async (exchange, weights, line) => {
  const { destination, training } = await train(exchange)
  const ended = await end(training)
  const [version, ...others] = (await listVersions(alice, destination.owner, destination.name)).rows
  expect(others).toEqual([])
  expect(ended).toMatchObject({
    status: "succeeded",
    error: null,
    output: { version: `${destination.owner}/${destination.name}:${version!.id}` },
    metrics: { predict_time: expect.any(Number) },
  })
  expect(ended.logs.trimEnd().split("\n").at(-1)).toBe(line)
  expect(lossesIn(ended.logs)).toMatchObject([{ name: "loss" }])
  const given = await weightsIn(ended, ended.output)
  if (typeof given === "string") throw new Error(given)
  expect(await text(await openFile(given.file))).toBe(weights)
  expect(given.file.name).toBe("weights.txt")
  expect(version).toMatchObject({ trained: { weights: { name: "weights.txt", size: weights.length } } })
  expect(started.find(({ id }) => id === ended.instance_id)).toMatchObject({ mode: "train" })
})

test.each([
  ["training via predict-mode server", "Predictor.predict() got an unexpected keyword argument 'train_data'"],
  ["prediction on train-mode server", "train() got an unexpected keyword argument 'prompt'"],
  ["training invalid", "train_data: field required\nepochs: ensure this value is greater than or equal to 1"],
])("%s: no version, and the reason that was given", async (exchange, error) => {
  const { destination, training } = await train(exchange)
  expect(await end(training)).toMatchObject({ status: "failed", error })
  expect((await listVersions(alice, destination.owner, destination.name)).rows).toEqual([])
})

test("start: cancelled, it stops at the route that works, and no version comes of it", async () => {
  const { destination, training } = await train("start")
  await vi.waitFor(async () => expect(await getTraining(alice, training.id)).toMatchObject({ status: "processing" }), {
    timeout: 30_000,
    interval: 20,
  })
  expect(await cancelTraining(alice, training.id)).toMatchObject({ status: "canceled" })
  await vi.waitFor(() => expect(asked).toContain(`POST /predictions/${training.id}/cancel`), { timeout: 30_000 })
  expect((await listVersions(alice, destination.owner, destination.name)).rows).toEqual([])
})

test("prediction with COG_WEIGHTS: the new version starts with the weights that the training gave", async () => {
  const { training } = await train("training async")
  const { version } = (await end(training)).output as { version: string }
  const input = { prompt: "hi", play: "prediction with COG_WEIGHTS" }
  const made = await createPrediction(alice, { version: "named" }, { version, input }, { origin: "http://x" })
  const ended = await end(made)
  expect(ended).toMatchObject({ status: "succeeded", output: "hi with http://127.0.0.1:5899/files/data.txt" })
  expect(started.find(({ id }) => id === ended.instance_id)).toMatchObject({
    mode: "predict",
    weights: { name: "weights.txt" },
  })
})

test("no recorded training is left out", () => {
  const recorded = all.exchanges.filter(
    ({ request: { method, path: route } }) => method !== "GET" && /^\/trainings(\/[^/]+)?$/.test(route),
  )
  expect([...played]).toEqual(expect.arrayContaining(recorded.map(({ name }) => name)))
})
