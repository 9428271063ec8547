import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, onTestFinished, test } from "vitest"

import { callbackListener, servedModel } from "@/lib/test/bundled"
import { models } from "@/lib/test/cog-models.mjs"
import { cogSchema } from "./cog-schema.mjs"

const file = path.resolve("lib/test/cog-models.mjs")

async function served(name: string, options: Parameters<typeof servedModel>[1] = {}) {
  const model = await servedModel({ file }, { ...options, env: { ...options.env, COG_CAPTURE: name } })
  onTestFinished(() => model.stop())
  return model
}

async function listening(options?: Parameters<typeof callbackListener>[0]) {
  const listener = await callbackListener(options)
  onTestFinished(async () => void (await listener.stop()))
  return listener
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 8000; tries++) {
    const seen = look()
    if (seen) return seen
    await sleep(5)
  }
  throw new Error("It did not happen.")
}

/** Removes what differs between runs: times, durations, stack traces, and the recorded origin. */
function steady(value: unknown, origin: string): any {
  const text = JSON.stringify(value, (key, inner) => {
    if (inner !== null && ["started_at", "completed_at", "predict_time"].includes(key)) return key
    // One recording lost a space.
    return key === "logs"
      ? String(inner)
          .replace(/Traceback[^]*/, "")
          .replace("gotworld", "got world")
      : inner
  })
  return JSON.parse(text.replaceAll(origin, "http://127.0.0.1:5899"))
}

describe("schemas are those of Cog", () => {
  test.each(["hello", "sink", "iter_concat", "fail", "obj", "slow", "train"] as const)("%s", async (name) => {
    const { default: recorded } = await import(`../../test/cog-captures/${name}.openapi.json`)
    expect(cogSchema(models[name] as never)).toEqual(recorded)
  })
})

/**
 * Known differences: an empty body is a missing input, JSON errors are Node's, and `output_file_prefix` and multipart
 * are not covered.
 */
const different: Record<string, string[]> = {
  hello: ["index", "no body", "not json"],
  sink: ["everything"],
}
const asRecorded = (recorded: { exchanges: any[] }, name: string) =>
  recorded.exchanges.filter(
    ({ name: exchange, request }) =>
      exchange !== "shutdown" && !different[name]?.includes(exchange) && request.headers.Prefer !== "respond-async",
  )

describe("answers are those of Cog", () => {
  test.each(["hello", "sink", "iter_concat", "fail", "obj"])("%s", async (name) => {
    const { default: recorded } = await import(`../../test/cog-captures/${name}.json`)
    const { origin } = await listening({ files: { "/files/in.png": "picture" } })
    const model = await served(name)
    for (const { name: exchange, request, response } of asRecorded(recorded, name)) {
      const body = request.body === null ? undefined : request.body
      const sent = typeof body === "string" ? body : JSON.stringify(body)?.replaceAll("http://127.0.0.1:5899", origin)
      const answer = await model.ask(request.method, request.path, sent, request.headers)
      expect(steady({ exchange, status: answer.status, body: answer.body }, origin)).toEqual(
        steady({ exchange, status: response.status, body: response.body }, origin),
      )
    }
  })

  test("a training's, with its defaults, log and weights", async () => {
    const { default: recorded } = await import("../../test/cog-captures/train.train-mode.json")
    const { origin } = await listening({ files: { "/files/data.txt": "x".repeat(95) } })
    const model = await served("train", { args: ["--x-mode", "train"] })
    for (const { name, request, response } of asRecorded(recorded, "train") as any[]) {
      if (name === "cancel unknown") continue
      const sent = request.body && JSON.stringify(request.body).replaceAll("http://127.0.0.1:5899", origin)
      const answer = await model.ask(request.method, request.path, sent ?? undefined)
      const expected = steady({ name, status: response.status, body: response.body }, origin)
      if (name === "health") expected.body.setup.logs = "weights: base\n"
      expect(steady({ name, status: answer.status, body: answer.body }, origin)).toEqual(expected)
    }
    // Unlike in the recorded server, both URLs work.
    expect((await model.ask("POST", "/trainings/none/cancel")).status).toBe(404)
    expect((await model.ask("POST", "/predictions", { input: { prompt: "x" } })).status).toBe(404)
  })
})

test("a set-up that fails is shown with its log, and predictions are refused", async () => {
  const model = await served("setupfail")
  const health = await model.health()
  expect(health).toMatchObject({ status: "SETUP_FAILED", setup: { status: "failed" } })
  expect(health.setup.logs).toMatch(/^loading weights\nError: no weights found\n/)
  expect(await model.predict({})).toEqual({ status: 500, body: "Internal Server Error" })
})

test("webhooks tell of the start, of every growth at most twice a second, and of the end, in order", async () => {
  const { origin, webhooks, received } = await listening()
  const model = await served("iter_concat", { env: { WEBHOOK_AUTH_TOKEN: "token" } })
  const request = { id: "it1", input: { prompt: "hi" }, webhook: `${origin}/webhook` }
  const began = performance.now()
  const answer = await model.ask("POST", "/predictions", request, { prefer: "respond-async", traceparent: "00-1-2-3" })
  expect(answer).toMatchObject({ status: 202, body: { id: "it1", status: "processing", output: [] } })
  await until(() => webhooks("/webhook").at(-1)?.completed_at)

  const halfSeconds = (performance.now() - began) / 500
  const told = webhooks("/webhook").map(({ output, status }) => [status, output.length] as const)
  expect(told[0]).toEqual(["processing", 0])
  expect(told.at(-1)).toEqual(["succeeded", 4])
  expect(told.slice(1, -1).every(([status]) => status === "processing")).toBe(true)
  const lengths = told.map(([, length]) => length)
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
  // The start, the first output and the end are sent at once; on a slow machine, later output adds at most one webhook
  // per half second.
  expect(told.length).toBeLessThanOrEqual(3 + Math.floor(halfSeconds))
  expect(webhooks("/webhook").at(-1)).toMatchObject({
    output: ["Onions", " bloom", " at", " dawn"],
    metrics: { predict_time: expect.any(Number) },
  })
  expect(webhooks("/webhook")[0]).not.toHaveProperty("completed_at")
  expect(received[0]!.headers).toMatchObject({ authorization: "Bearer token", traceparent: "00-1-2-3" })
})

test("the pause between webhooks can be set", async () => {
  const { origin, webhooks } = await listening()
  const model = await served("iter_concat", { env: { COG_THROTTLE_RESPONSE_INTERVAL: "0.01" } })
  // Output that grows while a webhook is in flight is sent as one update, so a busy machine sends fewer.
  for (let attempt = 0; ; attempt++) {
    const url = `/w${attempt}`
    await model.ask("POST", "/predictions", { input: { prompt: "hi" }, webhook: origin + url })
    await until(() => webhooks(url).at(-1)?.completed_at)
    const lengths = webhooks(url).map(({ output }) => output.length)
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    if (attempt < 20 && lengths.length < 6) continue
    expect(lengths).toEqual([0, 1, 2, 3, 4, 4])
    break
  }
})

test("only the events that were asked for are told, and the end again until somebody takes it", async () => {
  const { origin, webhooks, refuse } = await listening()
  const model = await served("hello")
  refuse(503, 500)
  const request = { id: "h", input: { text: "you" }, webhook: `${origin}/w`, webhook_events_filter: ["completed"] }
  await model.ask("PUT", "/predictions/h", request)
  await until(() => webhooks("/w").length === 3)
  await sleep(100)
  expect(webhooks("/w").map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"])
})

test("when the end is told, there is room for the next", async () => {
  const { origin, webhooks, refuse } = await listening()
  const model = await served("hello")
  refuse(503, 503, 503)
  await model.ask("POST", "/predictions", {
    input: { text: "a" },
    webhook: `${origin}/w`,
    webhook_events_filter: ["completed"],
  })
  expect((await model.predict({ text: "b" })).body.status).toBe("succeeded")
  await until(() => webhooks("/w").length === 4)
})

test("one at a time: a second is refused, the same one again is answered with how it stands", async () => {
  const model = await served("slow")
  const first = model.ask("PUT", "/predictions/one", { input: { seconds: 30 } }, { prefer: "respond-async" })
  expect((await first).status).toBe(202)
  expect((await model.health()).status).toBe("BUSY")
  expect(await model.predict({})).toEqual({ status: 409, body: { detail: "Already running a prediction" } })
  expect((await model.ask("PUT", "/predictions/one", { input: {} })).body).toMatchObject({
    status: "processing",
    input: { seconds: 30 },
  })
  expect((await model.ask("POST", "/predictions/one/cancel")).status).toBe(200)
  await until(() => model.ask("POST", "/predictions/one/cancel").then(({ status }) => status === 404) as never)
  expect((await model.health()).status).toBe("READY")
})

test("as many at a time as COG_MAX_CONCURRENCY says", async () => {
  const model = await served("slow", { env: { COG_MAX_CONCURRENCY: "2" } })
  const both = [model.predict({ seconds: 0.5 }), model.predict({ seconds: 0.5 })]
  await sleep(100)
  expect((await model.predict({})).status).toBe(409)
  expect((await Promise.all(both)).map(({ body }) => body.status)).toEqual(["succeeded", "succeeded"])
})

test("a cancelled one ends as canceled, with what it wrote until then", async () => {
  const { origin, webhooks } = await listening()
  const model = await served("slow")
  await model.ask(
    "PUT",
    "/predictions/x",
    { input: { seconds: 30 }, webhook: `${origin}/w` },
    { prefer: "respond-async" },
  )
  await model.ask("POST", "/predictions/x/cancel")
  const end = await until(() => webhooks("/w").find(({ completed_at }) => completed_at))
  expect(end).toMatchObject({ status: "canceled", logs: "0%|###| 0/10\n", output: null })
  expect(end).not.toHaveProperty("error")
})

test("output files are put to the upload address and named by its answer, without its query", async () => {
  const { origin, received } = await listening()
  const model = await served("obj", { args: ["--upload-url", `${origin}/upload`] })
  const { body } = await model.ask("PUT", "/predictions/o1", { input: { text: "abc" } })
  expect(body.output.file).toBe(`${origin}/kept/upload/note.txt`)
  expect(received[0]).toMatchObject({
    method: "PUT",
    url: "/upload/note.txt",
    text: "abc",
    headers: { "content-type": "text/plain", "content-length": "3", "x-prediction-id": "o1" },
  })
})

test("an upload is tried again, and one that nobody takes fails the prediction", async () => {
  const { origin, refuse } = await listening()
  const model = await served("obj", { args: ["--upload-url", `${origin}/upload/`] })
  refuse(500, 429)
  expect((await model.predict({ text: "abc" })).body.status).toBe("succeeded")
  // No responses, as during a restart of the server.
  refuse(0, 0, 0, 0)
  expect((await model.predict({ text: "abc" })).body.status).toBe("succeeded")
  refuse(413)
  expect((await model.predict({ text: "abc" })).body).toMatchObject({
    status: "failed",
    error: "Got error trying to upload output files",
  })
})

test("what goes to the callback origin goes through the socket: webhooks, uploads, input files and weights", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "callback-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const socket = path.join(folder, "socket")
  const { received, webhooks } = await listening({ socket, files: { "/data": "12345", "/weights": "fine" } })
  const origin = "http://callback.invalid:9000"
  const env = { CALLBACK_SOCKET: socket, CALLBACK_ORIGIN: origin }

  const trainer = await served("train", { args: ["--x-mode", "train", "--upload-url", `${origin}/up`], env })
  await trainer.ask("POST", "/trainings", { input: { train_data: `${origin}/data` }, webhook: `${origin}/w` })
  const end = await until(() => webhooks("/w").find(({ completed_at }) => completed_at))
  expect(end.output).toEqual({ weights: `${origin}/kept/up/weights.txt` })
  expect(received.map(({ method, url }) => `${method} ${url}`)).toEqual(
    expect.arrayContaining(["GET /data", "PUT /up/weights.txt", "POST /w"]),
  )

  const tuned = await served("train", { env: { ...env, COG_WEIGHTS: `${origin}/weights` } })
  expect((await tuned.predict({ prompt: "x" })).body.output).toBe("x with fine")
})

test("SIGTERM ends it, unless an explicit shutdown is awaited", async () => {
  const plain = await served("hello")
  process.kill(plain.pid, "SIGTERM")
  await plain.ended
  const waiting = await served("hello", { args: ["--await-explicit-shutdown", "true"] })
  process.kill(waiting.pid, "SIGTERM")
  await sleep(200)
  expect((await waiting.health()).status).toBe("READY")
  expect(await waiting.ask("POST", "/shutdown")).toEqual({ status: 200, body: {} })
  expect(await waiting.ended).toBe(0)
})

test("it ends by itself when nobody has asked it anything for SILENCE_LIMIT seconds", async () => {
  const model = await served("hello", { env: { SILENCE_LIMIT: "1" } })
  await model.predict({ text: "x" })
  expect(await model.ended).toBe(0)
})

test.each([
  [{ id: 5 }, ["body", "id"]],
  [{ created_at: "yesterday" }, ["body", "created_at"]],
  [{ webhook: 5 }, ["body", "webhook"]],
  [{ webhook_events_filter: "start" }, ["body", "webhook_events_filter"]],
])("a request with %j is refused by what is wrong in it", async (wrong, loc) => {
  const model = await served("hello")
  const { status, body } = await model.ask("POST", "/predictions", { input: { text: "x" }, ...wrong })
  expect(status).toBe(422)
  expect(body.detail).toEqual([{ loc, msg: expect.any(String), type: expect.any(String) }])
})

test("a request of more than 100 MB is refused", async () => {
  const model = await served("hello")
  expect(
    (await model.ask("POST", "/predictions", "x".repeat(105e6), { "content-type": "application/json" })).status,
  ).toBe(413)
})
