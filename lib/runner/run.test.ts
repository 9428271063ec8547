import { mkdtempSync, rmSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { json } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

import type { InstanceSpec } from "@/lib/engines/engine"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import { scriptedEngine, type Script } from "@/lib/test/scripted-engine"
import { problem } from "@/lib/problem"
import type { RunOrder } from "./port"
import { startRunner, type Runner } from "./runner"

// The behaviours of model servers one by one: the test plays the server and the hub, everything between is real.

let folder: string
const runners: Runner[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "us-"))
})
afterAll(async () => {
  await Promise.all(runners.map((runner) => runner.close()))
  rmSync(folder, { recursive: true, force: true })
})

type Server = {
  /** Its current health response; null breaks the connection. */
  health?: () => Record<string, unknown> | null
  /** Handles a prediction; by default responds with 202. */
  put(order: any, tell: Tell, answer: (status: number, body?: unknown) => void): unknown
  logs?: string[]
  cancelled?: (id: string) => void
}
type Tell = {
  /** Sends a webhook of the prediction. */
  (body: object | string | Buffer | Readable): Promise<number>
  upload(name: string, body: Buffer | Readable, headers?: object): Promise<IncomingMessage>
  read(url: string): Promise<IncomingMessage>
}

const ready = { status: "READY", setup: { status: "succeeded", logs: "" } }
const busy = { ...ready, status: "BUSY" }

/** Starts an instance of such a server, sends it predictions, and returns what the hub saw. */
async function serve(server: Server, change: Partial<InstanceSpec> | null = null) {
  const port = new RecordingPort()
  const asked: string[] = []
  const script: Script = async (request, response, callBack) => {
    const say = (status: number, body: unknown = {}) => {
      if (!response.headersSent)
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    }
    if (request.url === "/health-check") {
      const health = server.health ? server.health() : ready
      return health ? say(200, health) : request.socket.destroy()
    }
    if (request.url === "/") return say(200, { cog_version: "0.22.0" })
    asked.push(`${request.method} ${request.url}`)
    const [, , id, action] = request.url!.split("/")
    if (action === "cancel") {
      server.cancelled?.(id!)
      return say(200)
    }
    const order = (await json(request)) as any
    const tell = Object.assign(
      async (body: object | string | Buffer | Readable) => {
        const isRaw = typeof body === "string" || Buffer.isBuffer(body) || body instanceof Readable
        const text = isRaw ? body : JSON.stringify({ id, ...body })
        return (await callBack("POST", order.webhook, text as string, { "content-type": "application/json" }))
          .statusCode!
      },
      {
        read: (url: string) => callBack("GET", url),
        upload: (name: string, body: Buffer | Readable, headers = {}) =>
          callBack("PUT", `http://127.0.0.1:9000/upload/${name}`, body, { "content-type": "image/png", ...headers }),
      },
    )
    const done = server.put(order, tell, say)
    await sleep(1)
    say(202, { id, status: "starting" })
    await done
  }
  const engine = scriptedEngine(folder, script, server.logs)
  const own = mkdtempSync(join(folder, "runner-"))
  const machine = { memory_mb: 8192, cpus: 8, gpus: [] }
  const runner = startRunner({ id: "own", port, engines: [engine], machine, folder: own })
  runners.push(runner)
  const spec = anInstance(change ?? {})
  port.order({ start: [{ ...spec, engine: "process" }] })
  // Helps to debug a failure.
  if (!change) await until(() => port.state(spec.id)?.state === "ready", "the instance is ready")
  return {
    gone: () =>
      until(
        () => port.reports.flatMap(({ instances }) => instances).find(({ state }) => state === "gone"),
        "it is gone",
      ),
    port,
    asked,
    engine,
    instance: spec.id,
    order(change: Partial<RunOrder> = {}) {
      const prediction = aRun({}, change)
      port.order({ run: [{ instance: spec.id, prediction }] })
      return prediction.id
    },
    end: (id: string) =>
      until(
        () => port.story(id).find(({ completed_at, returned }) => completed_at || returned),
        "the end",
      ) as Promise<any>,
  }
}

/** One prediction from its order to its end. */
async function run(server: Server, change: Partial<RunOrder> = {}) {
  const served = await serve(server)
  const id = served.order(change)
  return { ...served, id, end: await served.end(id) }
}

describe.concurrent("the Rust generation", () => {
  test("says little in its answer and all in its webhooks", async () => {
    const { end } = await run({
      async put(_, tell) {
        await tell({ status: "starting", logs: "" })
        await tell({ status: "processing", logs: "one\r 50%\r100%\r\n" })
        await tell({
          status: "succeeded",
          logs: "one\r 50%\r100%\r\n",
          output: "done",
          metrics: { predict_time: 0.001, n: 3 },
        })
      },
    })
    expect(end).toMatchObject({
      status: "succeeded",
      output: "done",
      logs: "one\n 50%\n100%\n",
      error: null,
      metrics: { predict_time: 0.001, n: 3 },
    })
  })

  test.each([
    [409, { error: "At capacity - all prediction slots busy", status: "failed" }],
    [503, { error: "Setup has not finished yet", status: "failed" }],
  ])("has no place for a prediction: %i gives it back", async (status, body) => {
    const { end, asked } = await run({ put: (_, __, answer) => answer(status, body) })
    expect(end).toEqual({ status: "processing", returned: true })
    expect(asked).toHaveLength(1)
  })

  test("fails with the reason for which an input file is not available", async () => {
    const { port, order, end } = await serve({
      async put({ input }, tell) {
        const { statusCode } = await tell.read(input.image)
        await tell({ status: "failed", error: `${statusCode} Client Error: Not Found for url: ${input.image}` })
      },
    })
    port.openInput = () => Promise.reject(problem("unprocessable", "There is no host nowhere.example."))
    const image = "https://nowhere.example/a.png"
    const file = { name: "a.png", content_type: "image/png", size: null }
    const failed = await end(order({ input: { image }, files: { [image]: file } }))
    expect(failed).toMatchObject({ status: "failed", error: "There is no host nowhere.example." })
  })

  test("refuses an input with one line for each problem", async () => {
    const detail = [
      { loc: ["body", "input", "text"], msg: "Field required", type: "value_error.missing" },
      { loc: ["body", "input", "n"], msg: "5 is greater than the maximum of 3", type: "value_error" },
    ]
    const { end } = await run({ put: (_, __, answer) => answer(422, { detail }) })
    expect(end).toMatchObject({
      status: "failed",
      error: "text: Field required\nn: 5 is greater than the maximum of 3",
    })
  })

  test("leaves out the logs when it fails: what was told before is kept", async () => {
    const { end } = await run({
      async put(_, tell) {
        await tell({ status: "processing", logs: "about to fail\n" })
        await tell({ status: "failed", logs: "", error: "boom", metrics: { predict_time: 0.1 } })
      },
    })
    expect(end).toMatchObject({ status: "failed", error: "boom", logs: "about to fail\n" })
  })

  test("cannot read NaN, and that is said", async () => {
    const { end } = await run({
      put: (_, tell) => tell({ status: "failed", error: "Failed to parse output JSON: line 1" }),
    })
    expect(end.error).toBe(
      "The output contains NaN or Infinity, which JSON cannot represent. (Failed to parse output JSON: line 1)",
    )
  })

  test("tells a nested file again with every webhook: it is kept once", async () => {
    const weights = `data:application/x-tar;base64,${Buffer.alloc(3_000_000, 1).toString("base64")}`
    const { end, port } = await run({
      async put(_, tell) {
        await tell({ status: "processing", output: { weights } })
        await tell({ status: "succeeded", output: { weights } })
      },
    })
    expect(end.output).toEqual({ weights: "https://hub.test/files/1/weights.tar" })
    expect(port.outputs).toMatchObject([{ size: 3_000_000, content_type: "application/x-tar" }])
  })

  test("appends files in the order of our answers: they are given in the order of its requests", async () => {
    const { end } = await run({
      async put(_, tell) {
        const output: string[] = []
        const slow = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000)].values())
        const first = tell.upload("first.png", delayed(slow, 300)).then(({ headers }) => output.push(headers.location!))
        await sleep(50)
        const second = tell.upload("second.png", Buffer.alloc(10)).then(({ headers }) => output.push(headers.location!))
        await Promise.all([first, second])
        await tell({ status: "succeeded", output })
      },
    })
    expect(end.output).toEqual([expect.stringMatching(/\/first\.png$/), expect.stringMatching(/\/second\.png$/)])
  })

  test("goes on when an upload broke: the prediction fails, and says which file", async () => {
    const { end } = await run({
      async put(_, tell) {
        await tell.upload("lost.png", broken()).catch(() => {})
        const { headers } = await tell.upload("kept.png", Buffer.alloc(10))
        await tell({ status: "succeeded", output: [headers.location!] })
      },
    })
    expect(end).toMatchObject({ status: "failed", error: expect.stringMatching(/^Output upload failed: lost\.png/) })
  })
})

const broken = () =>
  Readable.from(
    (async function* () {
      yield Buffer.alloc(1000)
      await sleep(50)
      throw new Error("gone")
    })(),
  )
const delayed = (source: Readable, ms: number) =>
  Readable.from(
    (async function* () {
      for await (const chunk of source) {
        await sleep(ms)
        yield chunk as Buffer
      }
    })(),
  )

describe.concurrent("the Python generation", () => {
  test("tries a broken upload again, and then it counts", async () => {
    const { end } = await run({
      async put(order, tell) {
        const headers = { "x-prediction-id": order.id }
        await tell.upload("out.png", broken(), headers).catch(() => {})
        const answer = await tell.upload("out.png", Buffer.alloc(10), headers)
        await tell({ status: "succeeded", output: answer.headers.location })
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: expect.stringMatching(/out\.png$/) })
  })

  test("writes NaN: that is said, and in metrics it is null", async () => {
    const { end } = await run({ put: (_, tell) => tell('{"status":"succeeded","output":[1,NaN]}') })
    expect(end).toMatchObject({
      status: "failed",
      error: "The output contains NaN or Infinity, which JSON cannot represent.",
      output: [1, null],
    })
    const other = await run({
      put: (_, tell) => tell('{"status":"succeeded","output":1,"metrics":{"loss":NaN,"predict_time":Infinity}}'),
    })
    expect(other.end).toMatchObject({ status: "succeeded", metrics: { loss: null, predict_time: expect.any(Number) } })
  })

  test("cannot send NaN at all, and says why in its log alone", async () => {
    const { end } = await run({
      logs: ["requests.exceptions.InvalidJSONError: Out of range float values are not JSON compliant\n"],
      put: (_, tell) => tell({ status: "processing" }),
    })
    expect(end).toMatchObject({
      status: "failed",
      error: "The output contains NaN or Infinity, which JSON cannot represent.",
    })
  })

  test("passes bytes on that are no text: they become signs of their own", async () => {
    const { end } = await run({
      put: (_, tell) =>
        tell(
          Buffer.concat([
            Buffer.from('{"status":"succeeded","logs":"a'),
            Buffer.from([0xff]),
            Buffer.from('b","output":"\\u0000"}'),
          ]),
        ),
    })
    expect(end).toMatchObject({ logs: "a\uFFFDb", output: "\uFFFD" })
  })
})

describe.concurrent("handing a prediction over", () => {
  test("happens once, also when no answer comes: what the webhooks say counts", async () => {
    const { end, asked } = await run({
      async put(_, tell, answer) {
        void answer
        await tell({ status: "processing" })
        await tell({ status: "succeeded", output: "done" })
        await sleep(10)
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: "done" })
    expect(asked).toHaveLength(1)
  })

  test("happens once, also when the connection breaks: a server that is idle afterwards has lost it", async () => {
    const { end, asked } = await run({
      put: () => {
        throw new Error("the connection breaks")
      },
    })
    expect(end).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: the model server is idle and has not said how it ended.",
    })
    expect(asked).toHaveLength(1)
  })

  test("a server that is busy is waited for, whatever it does not say", async () => {
    let isBusy = false
    const { end } = await run({
      health: () => (isBusy ? busy : ready),
      async put(_, tell) {
        isBusy = true
        await sleep(6_000)
        await tell({ status: "succeeded", output: "late" })
        isBusy = false
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: "late" })
  })

  test("a server that takes several may be ready while it runs one", async () => {
    const { end } = await run({
      health: () => ({ ...ready, concurrency: { max: 4 } }),
      async put(_, tell) {
        await sleep(7_000)
        await tell({ status: "succeeded", output: "late" })
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: "late" })
  }, 30_000)

  test("the end counts, whatever comes after it", async () => {
    const { end, port, id } = await run({
      async put(_, tell) {
        await tell({ status: "succeeded", output: "the end", logs: "all of it" })
        await tell({ status: "processing", output: null, logs: "" })
        await tell({ status: "failed", error: "too late" })
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: "the end", logs: "all of it", error: null })
    await sleep(300)
    expect(port.story(id).filter(({ completed_at }) => completed_at)).toHaveLength(1)
  })

  test("a failure without a word is given one", async () => {
    const { end } = await run({ put: (_, tell) => tell({ status: "failed", error: "" }) })
    expect(end.error).toBe("The model failed without an error message.")
  })

  test("a measure that cannot be is ours instead", async () => {
    const { end } = await run({
      put: (_, tell) => tell({ status: "succeeded", output: 1, metrics: { predict_time: 1e9 } }),
    })
    expect(end.metrics.predict_time).toBeLessThan(60)
  })
})

describe.concurrent("an instance", () => {
  test("whose model died is replaced, and what it ran is interrupted", async () => {
    let dead = false
    const { end, port, instance } = await run({
      health: () => (dead ? { ...ready, status: "DEFUNCT" } : ready),
      async put(_, tell) {
        await tell({ status: "processing" })
        dead = true
      },
    })
    expect(end.error).toBe("Prediction interrupted: its instance ended. The model's process died.")
    await until(() => port.reports.at(-1)!.instances.length === 0, "it is gone")
    expect(
      port.reports.flatMap(({ instances }) => instances).find(({ id, state }) => id === instance && state === "gone"),
    ).toMatchObject({
      reason: "exit",
    })
  })

  test("whose model died of what its engine saw says so", async () => {
    let dead = false
    const served = await serve({
      health: () => (dead ? { ...ready, status: "DEFUNCT" } : ready),
      put: (_, tell) => tell({ status: "processing" }),
    })
    const id = served.order()
    await until(() => served.port.story(id).length > 0)
    served.engine.tell({ id: served.instance, state: "running", reason: "oom" })
    dead = true
    expect((await served.end(id)).error).toBe("Prediction interrupted: the model ran out of memory.")
  })

  test.each([
    ["none", true],
    ["internet", false],
  ] as const)("whose set-up looked for a name that cannot be found says so: egress %s", async (egress, isTold) => {
    const logs = "requests.exceptions.ConnectionError: Failed to resolve 'weights.example.com'"
    const { gone } = await serve(
      { health: () => ({ status: "SETUP_FAILED", setup: { logs } }), put: () => {} },
      { egress },
    )
    const { reason, detail } = await gone()
    expect(reason).toBe("setup")
    expect(detail!.startsWith(logs)).toBe(true)
    expect(detail!.includes("seems to need Internet access")).toBe(isTold)
  })

  test("that ends while it is set up shows what it said", async () => {
    const { engine, instance, gone } = await serve(
      { health: () => ({ status: "STARTING" }), logs: ["ModuleNotFoundError: torch\n"], put: () => {} },
      {},
    )
    await sleep(200)
    engine.tell({ id: instance, state: "gone", reason: "exit", detail: "The container ended by itself (exit code 1)." })
    expect(await gone()).toMatchObject({
      reason: "exit",
      detail: "The container ended by itself (exit code 1).\nModuleNotFoundError: torch",
    })
  })

  test("that answers no more is given up, and what it ran is interrupted", async () => {
    let silent = false
    const served = await serve({
      health: () => (silent ? null : ready),
      put: () => void (silent = true),
    })
    const id = served.order()
    expect(await served.gone()).toMatchObject({ reason: "exit", detail: "The model server stopped responding." })
    expect(await served.end(id)).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: its instance ended. The model server stopped responding.",
    })
  }, 60_000)

  test("that says it is not well is replaced once it has nothing to do", async () => {
    let ill = false
    const { port } = await run({
      health: () => (ill ? { ...ready, status: "UNHEALTHY", user_healthcheck_error: "the GPU fell off" } : ready),
      async put(_, tell) {
        ill = true
        await sleep(100)
        await tell({ status: "succeeded", output: "well enough" })
      },
    })
    const gone = await until(
      () => port.reports.flatMap(({ instances }) => instances).find(({ state }) => state === "gone"),
      "it is gone",
      40_000,
    )
    expect(gone).toMatchObject({ reason: "exit", detail: "the GPU fell off" })
  }, 60_000)
})

describe("what a model sends", () => {
  test("is not listened to more than a hundred times a second", async () => {
    const statuses: number[] = []
    let seconds = 0
    const { end } = await run({
      async put(_, tell) {
        const began = performance.now()
        await Promise.all(
          Array.from({ length: 400 }, async () => statuses.push(await tell({ status: "processing", logs: "again" }))),
        )
        seconds = (performance.now() - began) / 1000
        for (let pause = 100; ; pause *= 2) {
          if ((await tell({ status: "succeeded", output: "heard" })) === 200) break
          await sleep(pause)
        }
      },
    })
    expect(end).toMatchObject({ status: "succeeded", output: "heard" })
    // A burst of 200, and 100 more per second that a busy machine takes for the rest.
    const heard = statuses.filter((status) => status === 200).length
    expect(heard).toBeLessThanOrEqual(200 + Math.ceil(100 * seconds))
    expect(statuses.filter((status) => status === 429).length).toBe(statuses.length - heard)
  })

  test("may be a thousand files", async () => {
    const { end, port } = await run({
      async put(order, tell) {
        const output: string[] = []
        for (let n = 0; n < 1_000; n++)
          output.push(
            (await tell.upload(`${n}.png`, Buffer.alloc(100), { "x-prediction-id": order.id })).headers.location!,
          )
        await tell({ status: "succeeded", output })
      },
    })
    expect(end.output).toHaveLength(1_000)
    expect(port.outputs).toHaveLength(1_000)
    expect(end.output[999]).toMatch(/\/999\.png$/)
  })
})
