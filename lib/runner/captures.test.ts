import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

import { readCapture, replayEngine } from "@/lib/test/cog-replay"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import type { Progress, RunOrder } from "./port"
import { startRunner } from "./runner"

// What a client sees of a prediction, for every recorded exchange with a real model server.

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "us-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Replays one exchange of a capture to a runner, and returns what a client saw. */
async function watch(name: string, exchange: string, change: Partial<RunOrder> = {}, cancels = false) {
  const port = new RecordingPort()
  const { engine, asked } = replayEngine(folder, readCapture(name))
  const own = mkdtempSync(join(folder, "runner-"))
  const machine = { memory_mb: 8192, cpus: 8, gpus: [] }
  const runner = startRunner({ id: "own", port, engines: [engine], machine, folder: own })
  const spec = anInstance({ setup_limit: 5 })
  try {
    port.order({ start: [{ ...spec, engine: "process" }] })
    const instance = await until(() => {
      const state = port.state(spec.id)
      return state?.state === "ready" || state?.state === "gone" ? state : null
    })
    const prediction = aRun(
      { play: exchange, ...change.input },
      { ...change, input: { play: exchange, ...change.input } },
    )
    port.inputs["file:1"] = { name: "in.png", content_type: "image/png", content: "pixels" }
    port.order({ run: [{ instance: spec.id, prediction }] })
    if (instance.state !== "gone") {
      await until(() => port.story(prediction.id).length > 0)
      if (cancels) {
        await new Promise((resolve) => setTimeout(resolve, 700))
        port.order({ cancel: [{ instance: spec.id, prediction: prediction.id }] })
      }
      await until(() => port.story(prediction.id).find(({ completed_at, returned }) => completed_at || returned))
    }
    return {
      port,
      asked,
      instance,
      spec,
      story: port.story(prediction.id),
      seen: port.story(prediction.id).map(inWords),
    }
  } finally {
    port.order({ stop: [{ id: spec.id, grace_ms: 0 }] })
    await runner.close()
  }
}

/** A snapshot in one line, as the API, streams and pages show it. */
function inWords({ status, output, logs, error, metrics, returned }: Progress) {
  if (returned) return "returned"
  return [
    status,
    output === undefined || output === null ? "" : JSON.stringify(output),
    logs ? `log: ${logs.trimEnd().split("\n").at(-1)}` : "",
    error ? `error: ${error}` : "",
    status === "succeeded" ? `${JSON.stringify(metrics)}` : "",
  ]
    .filter(Boolean)
    .join(" · ")
}

const file = (number: number, name: string) => `https://hub.test/files/${number}/${name}`
const files: Partial<RunOrder> = { gives_files: true }
const training: Partial<RunOrder> = { operation: "train", gives_files: true }
const cat = (rest: string) => `"cat|${rest}"`
const refused = (error: string) => [`failed · error: ${error}`]

type Told = [capture: string, exchange: string, seen: string[], change?: Partial<RunOrder>]

/** Every recorded prediction and training, with what a client sees of it. */
const ofRuns: Told[] = [
  [
    "async_metrics",
    "m1",
    [
      "processing",
      "processing",
      "processing · log:   warnings.warn(",
      'succeeded · "abcd" · log: async done · {"tokens":4,"predict_time":3.010528}',
    ],
  ],
  ["async_metrics", "m3 over capacity", ["returned"]],
  [
    "crash",
    "output of wrong type, sync",
    refused(
      "The model server answered 500: 1 validation error for PredictionResponse\noutput -> __root__\n  str type expected (type=type_error.str)",
    ),
  ],
  // The end arrived before the start here.
  [
    "crash",
    "output of wrong type, async",
    ["processing", 'succeeded · {"not":"a string"} · {"predict_time":0.002109}'],
  ],
  [
    "crash",
    "worker dies, async",
    [
      "processing",
      "processing",
      "failed · log: cog.server.exceptions.FatalWorkerException: Prediction failed for an unknown reason. It might have run out of memory? (exitcode 7) · error: Prediction failed for an unknown reason. It might have run out of memory? (exitcode 7)",
    ],
  ],
  ["crash", "predict after", ["returned"]],
  ["fail", "sync", ["processing", "failed · log: ValueError: something went wrong · error: something went wrong"]],
  // Its second webhook has a longer log than its third.
  [
    "fail",
    "async",
    [
      "processing · log: ValueError: boom",
      "processing · log: ValueError: boom",
      "processing · log: ValueError: boom",
      "failed · log: ValueError: boom · error: boom",
    ],
  ],
  ["health", "predict while unhealthy", ["processing", 'succeeded · "x" · {"predict_time":0.004815}']],
  ["hello", "sync", ["processing", 'succeeded · "hello world" · log: got world · {"predict_time":0.003688}']],
  ["hello", "sync with id", ["processing", 'succeeded · "hello world" · log: gotworld · {"predict_time":0.006034}']],
  ["hello", "put idempotent", ["processing", 'succeeded · "hello world" · log: got world · {"predict_time":0.00059}']],
  ["hello", "missing required", refused("text: field required")],
  ["hello", "wrong type", refused("text: str type expected")],
  ["hello", "unknown field", ["processing", 'succeeded · "hello w" · log: got w · {"predict_time":0.000544}']],
  [
    "hello",
    "async webhook all",
    [
      "processing · log: got world",
      'processing · "hello world" · log: got world',
      'processing · "hello world" · log: got world',
      'succeeded · "hello world" · log: got world · {"predict_time":0.009893}',
    ],
  ],
  [
    "hello",
    "async webhook filtered",
    ["processing · log: got world", 'succeeded · "hello world" · log: got world · {"predict_time":0.001533}'],
  ],
  ["hello", "trainings absent", refused("This version has no train function."), { operation: "train" }],
  [
    "image",
    "sync data url in, data url out",
    ["processing", `succeeded · "${file(1, "output.png")}" · log: inverted 2x2 · {"predict_time":0.040786}`],
  ],
  [
    "image",
    "sync http url in",
    ["processing", `succeeded · "${file(1, "output.png")}" · log: inverted 2x2 · {"predict_time":0.009438}`],
    { input: { file: "file:1" }, files: { "file:1": { name: "in.png", content_type: "image/png", size: 6 } } },
  ],
  [
    "image",
    "async with --upload-url",
    [
      "processing · log: inverted 2x2",
      "processing · log: inverted 2x2",
      `processing · "${file(1, "output.png")}" · log: inverted 2x2`,
      `succeeded · "${file(1, "output.png")}" · log: inverted 2x2 · {"predict_time":0.006049}`,
    ],
  ],
  [
    "image",
    "not an image",
    [
      "processing",
      "failed · log: PIL.UnidentifiedImageError: cannot identify image file '/var/tmp/6_t7u6x9file.txt' · error: cannot identify image file '/var/tmp/6_t7u6x9file.txt'",
    ],
  ],
  ["iter_concat", "sync", ["processing", 'succeeded · ["Onions"," bloom"," at"," dawn"] · {"predict_time":2.407618}']],
  [
    "iter_concat",
    "async",
    [
      "processing",
      "processing · []",
      'processing · ["Onions"]',
      'processing · ["Onions"," bloom"]',
      'processing · ["Onions"," bloom"," at"]',
      'processing · ["Onions"," bloom"," at"," dawn"]',
      'succeeded · ["Onions"," bloom"," at"," dawn"] · {"predict_time":2.405026}',
    ],
  ],
  [
    "iter_path",
    "sync",
    [
      "processing",
      `succeeded · ["${file(1, "output-0.png")}","${file(2, "output-1.png")}"] · {"predict_time":1.228204}`,
    ],
    files,
  ],
  // Without an upload URL, the server returns paths.
  [
    "iter_path",
    "async",
    [
      "processing",
      "processing",
      `processing · ["${file(1, "frame-0.png")}"]`,
      `processing · ["${file(1, "frame-0.png")}","${file(2, "frame-1.png")}"]`,
      `succeeded · ["${file(1, "frame-0.png")}","${file(2, "frame-1.png")}"] · {"predict_time":1.208875}`,
    ],
    files,
  ],
  [
    "iter_str",
    "sync",
    ["processing", 'succeeded · ["chunk 0","chunk 1","chunk 2"] · log: step 2 · {"predict_time":1.804683}'],
  ],
  [
    "iter_str",
    "async",
    [
      "processing · log: step 0",
      "processing · log: step 0",
      "processing · [] · log: step 0",
      'processing · ["chunk 0"] · log: step 0',
      'processing · ["chunk 0","chunk 1"] · log: step 1',
      'processing · ["chunk 0","chunk 1","chunk 2"] · log: step 2',
      'succeeded · ["chunk 0","chunk 1","chunk 2"] · log: step 2 · {"predict_time":1.808103}',
    ],
  ],
  ["json_any", "sync", ["processing", 'succeeded · {"length":3,"words":["a","b"]} · {"predict_time":0.001001}']],
  [
    "list_path",
    "sync",
    [
      "processing",
      `succeeded · ["${file(1, "output-0.png")}","${file(2, "output-1.png")}"] · {"predict_time":0.049268}`,
    ],
    files,
  ],
  [
    "obj",
    "sync",
    [
      "processing",
      `succeeded · {"text":"ABC","score":0.5,"tags":["a","b"],"file":"${file(1, "file.txt")}"} · {"predict_time":0.005013}`,
    ],
    files,
  ],
  [
    "sink",
    "minimal",
    [
      "processing",
      `succeeded · ${cat("512|7.5|False|DDIM|25|None|None|False|[]|0")} · log: api_key None · {"predict_time":0.00133}`,
    ],
  ],
  [
    "sink",
    "everything",
    [
      "processing",
      `succeeded · ${cat("768|3.0|True|PNDM|50|42|noir|True|['a', 'b']|2")} · log: api_key ********** · {"predict_time":0.008259}`,
    ],
  ],
  ["sink", "below minimum", refused("width: ensure this value is greater than or equal to 64")],
  ["sink", "above maximum", refused("guidance: ensure this value is less than or equal to 20")],
  [
    "sink",
    "bad choice",
    refused("scheduler: value is not a valid enumeration member; permitted: 'DDIM', 'K_EULER', 'PNDM'"),
  ],
  ["sink", "bad int choice", refused("steps: value is not a valid enumeration member; permitted: 10, 25, 50")],
  ["sink", "too long and pattern", refused("bounded_text: ensure this value has at most 8 characters")],
  ["sink", "pattern", refused('bounded_text: string does not match regex "^[a-z]+$"')],
  [
    "sink",
    "bad url scheme",
    refused("image: 'ftp' is not a valid URL scheme. 'data', 'http', or 'https' is supported."),
  ],
  ["sink", "image not url", refused("image: '' is not a valid URL scheme. 'data', 'http', or 'https' is supported.")],
  [
    "sink",
    "string for int (coerced)",
    [
      "processing",
      `succeeded · ${cat("768|7.5|True|DDIM|25|None|None|False|[]|0")} · log: api_key None · {"predict_time":0.000684}`,
    ],
  ],
  ["sink", "not a number", refused("width: value is not a valid integer")],
  [
    "sink",
    "explicit nulls",
    [
      "processing",
      `succeeded · ${cat("512|7.5|False|DDIM|25|None|None|False|[]|0")} · log: api_key None · {"predict_time":0.000593}`,
    ],
  ],
  [
    "sink",
    "file url 404",
    ["processing", "failed · error: 404 Client Error: Not Found for url: http://127.0.0.1:5899/files/missing.png"],
  ],
  ["slow", "second while busy", ["returned"]],
  [
    "train.cog-weights",
    "prediction with COG_WEIGHTS",
    ["processing", 'succeeded · "hi with http://127.0.0.1:5899/files/data.txt" · {"predict_time":0.004105}'],
  ],
  ["train.predict-mode", "prediction", ["processing", 'succeeded · "hi with base" · {"predict_time":0.001075}']],
  [
    "train.predict-mode",
    "training via predict-mode server",
    [
      "processing",
      "failed · log: TypeError: Predictor.predict() got an unexpected keyword argument 'train_data' · error: Predictor.predict() got an unexpected keyword argument 'train_data'",
    ],
    training,
  ],
  [
    "train.train-mode",
    "training sync",
    [
      "processing",
      `succeeded · {"weights":"${file(1, "weights.txt")}"} · log: epoch 3/3 loss=0.333 · {"predict_time":0.008323}`,
    ],
    training,
  ],
  [
    "train.train-mode",
    "training async",
    [
      "processing",
      "processing",
      `succeeded · {"weights":"${file(1, "weights.txt")}"} · log: epoch 2/2 loss=0.500 · {"predict_time":0.013436}`,
    ],
    training,
  ],
  [
    "train.train-mode",
    "training put",
    [
      "processing",
      `succeeded · {"weights":"${file(1, "weights.txt")}"} · log: epoch 2/2 loss=0.500 · {"predict_time":0.003665}`,
    ],
    training,
  ],
  [
    "train.train-mode",
    "training invalid",
    refused("train_data: field required\nepochs: ensure this value is greater than or equal to 1"),
    training,
  ],
  [
    "train_slow",
    "prediction on train-mode server",
    [
      "processing",
      "failed · log: TypeError: train() got an unexpected keyword argument 'prompt' · error: train() got an unexpected keyword argument 'prompt'",
    ],
  ],
]

test.concurrent.each(ofRuns)("%s: %s", async (capture, exchange, expected, change = {}) => {
  const { seen, asked, port } = await watch(capture, exchange, change)
  expect(seen).toEqual(expected)
  expect(asked).toHaveLength(1)
  const { started_at, completed_at } = port.heard.at(-1)!.progress
  if (seen.at(-1) !== "returned") expect(started_at! <= completed_at!).toBe(true)
})

/** A prediction cancelled while running: the model ends it and reports so. */
const cancelled: Told[] = [
  ["async_metrics", "m2", ["processing", "processing", "canceled"]],
  [
    "slow",
    "async start",
    [
      "processing · log: 0%|###| 0/10",
      "processing · log: 0%|###| 0/10",
      "processing · log: 0%|###| 0/10",
      "processing · log: 3%|###| 3/10",
      "canceled · log: 5%|###| 5/10",
    ],
  ],
  ["slow", "sync, canceled by id from another connection", ["processing", "canceled · log: 4%|###| 4/10"]],
  ["train_slow", "start", ["processing", "canceled · log: 1.6s"], training],
]

test.concurrent.each(cancelled)("%s: %s, and cancelled", async (capture, exchange, expected, change = {}) => {
  const { seen, asked } = await watch(capture, exchange, change, true)
  expect(seen).toEqual(expected)
  // Some servers fail on the trainings route.
  expect(asked.map((request) => request.replace(/\/p\d+/, "/ID"))).toEqual([
    `PUT /${change.operation === "train" ? "trainings" : "predictions"}/ID`,
    "POST /predictions/ID/cancel",
  ])
})

test.concurrent("slow.disconnect: the end of a run whose client went away is told like any other", async () => {
  const { seen } = await watch("slow.disconnect", "d1")
  expect(seen).toEqual(["processing", 'succeeded · "done" · log: 95%|###| 19/10 · {"predict_time":4.007907}'])
})

test.concurrent("a set-up that failed has its log as the reason, and nothing is handed to it", async () => {
  const { instance, asked, seen } = await watch("setupfail", "predict")
  expect(instance).toMatchObject({ state: "gone", reason: "setup" })
  expect(instance.detail).toMatch(/^loading weights\nTraceback \(most recent call last\):\n/)
  expect([seen, asked]).toEqual([[], []])
})

/** Requests a runner never sends: other routes, other forms of the same request, and test-only ones. */
const neverAsked: Record<string, string[]> = {
  async_metrics: [],
  hello: [
    "put id mismatch",
    "no body",
    "not json",
    "async no webhook",
    "bad webhook event",
    "bad webhook url",
    "accept sse",
    "output_file_prefix ignored for text",
  ],
  image: ["sync output_file_prefix", "multipart form not accepted"],
  iter_concat: ["sse header"],
  iter_path: ["sse header"],
  iter_str: ["sse header"],
  // Such a request would run it again.
  slow: ["put same id while running", "put same id after end"],
  setupfail: ["predict"],
}

test("every recorded exchange that begins a run is played here, or is one that a runner never asks for", () => {
  const captures = readdirSync("lib/test/cog-captures").flatMap(
    (name) => /^([\w.-]+?)(?<!\.openapi)\.json$/.exec(name)?.[1] ?? [],
  )
  const recorded = captures.flatMap((capture) =>
    readCapture(capture)
      .exchanges.filter(({ request: { method, path } }) => method !== "GET" && !/cancel|shutdown/.test(path))
      .map(({ name }) => `${capture}: ${name}`),
  )
  const played = [...ofRuns, ...cancelled].map(([capture, exchange]) => `${capture}: ${exchange}`)
  const never = Object.entries(neverAsked).flatMap(([capture, names]) => names.map((name) => `${capture}: ${name}`))
  expect([...played, ...never].toSorted()).toEqual(recorded.toSorted())
})
