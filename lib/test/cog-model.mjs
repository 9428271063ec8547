// A model server with Cog's HTTP API, for tests: the input selects what it does. Runs like a bundled model, and inside
// a container.
import { createServer, request } from "node:http"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"

const { values: args } = parseArgs({
  strict: false,
  options: { socket: { type: "string" }, "upload-url": { type: "string" }, "x-mode": { type: "string" } },
})
const { CALLBACK_ORIGIN, CALLBACK_SOCKET, PORT = "5000", SET_UP = "" } = process.env
const slots = Number(process.env.COG_MAX_CONCURRENCY || 1)
const running = new Map()
const setup = { started_at: new Date().toISOString(), logs: "", status: null }

export function send(method, url, body, headers = {}) {
  const socketPath = CALLBACK_SOCKET && url.startsWith(CALLBACK_ORIGIN) ? CALLBACK_SOCKET : undefined
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, socketPath }, (response) => {
      const chunks = []
      response.on("data", (chunk) => chunks.push(chunk)).on("error", reject)
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
    call.on("error", reject).end(body)
  })
}

const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

/** @type {Record<string, (state: any, input: any, signal: AbortSignal) => Promise<unknown>>} */
export const deeds = {
  async say(state, { text = "hello" }) {
    state.logs += `said ${text}\n`
    return text
  },
  async stream(state, { words = ["a", "b", "c"], pause = 20 }, signal) {
    state.output = []
    for (const word of words) {
      await sleep(pause, undefined, { signal })
      state.output = [...state.output, word]
      await state.tell()
    }
    return state.output
  },
  async wait(state, { seconds = 60, log = "waiting" }, signal) {
    for (let left = seconds * 10; left > 0; left--) {
      if (left % 10 === 0) state.logs += `${log}\n`
      await sleep(100, undefined, { signal })
    }
    return "waited"
  },
  async deaf(state, { seconds = 60 }) {
    await sleep(seconds * 1000)
    return "never heard"
  },
  async fail() {
    throw new Error("this went wrong")
  },
  async die() {
    process.exit(3)
  },
  async forget(state) {
    state.silent = true
  },
  async file(state, { name = "picture.png", size = 1000, content = Buffer.alloc(size, 7) }) {
    const { headers } = await send("PUT", args["upload-url"] + name, content, {
      "content-type": "image/png",
      "x-prediction-id": state.id,
    })
    return headers.location
  },
  async epochs(state, { epochs = 3, pause = 50, ...file }, signal) {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await sleep(pause, undefined, { signal })
      state.logs += `epoch ${epoch}/${epochs} loss=${(1 / epoch).toFixed(3)}\n`
      await state.tell()
    }
    return { weights: await deeds.file(state, { name: "weights.bin", ...file }) }
  },
  /** Logs its loss and outputs a picture after every epoch; its weights are the learned text. */
  async learn(state, { text = "learned", epochs = 3, pause = 300 }, signal) {
    state.output = { samples: [] }
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await sleep(pause, undefined, { signal })
      state.logs += `epoch ${epoch}/${epochs} loss=${(1 / epoch).toFixed(3)}\n`
      const sample = await deeds.file(state, { name: `epoch-${epoch}.png`, content: onePixel })
      state.output = { samples: [...state.output.samples, sample] }
      await state.tell()
    }
    return { ...state.output, weights: await deeds.file(state, { name: "weights.txt", content: Buffer.from(text) }) }
  },
  /** Outputs weights of a given size, in an object with another field. */
  async learnMuch(state, { mb }) {
    return { weights: await deeds.large(state, { mb }), megabytes: mb }
  },
  async slowFile(state, { seconds = 1, ...file }, signal) {
    await sleep(seconds * 1000, undefined, { signal })
    return deeds.file(state, file)
  },
  /** Uploads a file of a given size that is never in memory as a whole. */
  async large(state, { mb }) {
    const url = `${args["upload-url"]}large.bin`
    const call = request(url, { method: "PUT", socketPath: CALLBACK_SOCKET, headers: { "x-prediction-id": state.id } })
    const answered = new Promise((resolve, reject) => call.on("response", resolve).on("error", reject))
    const block = Buffer.alloc(1024 * 1024, 5)
    for (let sent = 0; sent < mb; sent++)
      if (!call.write(block)) await new Promise((resolve) => call.once("drain", resolve))
    call.end()
    const { headers } = await answered
    return headers.location
  },
  async weights() {
    const { status, body } = await send("GET", process.env.COG_WEIGHTS)
    return { status, name: process.env.COG_WEIGHTS.split("/").at(-1), body }
  },
  async inline(state, { size = 1000 }) {
    return { weights: `data:application/x-tar;base64,${Buffer.alloc(size, 7).toString("base64")}`, size }
  },
  async read(state, { file }) {
    const { status, headers, body } = await send("GET", file)
    return { status, type: headers["content-type"], name: file.split("/").at(-1), body }
  },
  async hog() {
    const all = []
    for (;;) {
      all.push(Buffer.alloc(10e6, 1))
      await sleep(100)
    }
  },
  async environment() {
    const tryTo = (path) => {
      try {
        return readFileSync(path, "utf8").slice(0, 100)
      } catch (error) {
        return error.code
      }
    }
    const reach = (url) =>
      send("GET", url).then(
        ({ status }) => status,
        ({ code }) => code,
      )
    return {
      env: process.env,
      uid: process.getuid(),
      cwd: process.cwd(),
      passwd: tryTo("/etc/passwd"),
      neighbour: tryTo("/proc/1/environ"),
      internet: await reach("http://1.1.1.1/"),
      host: await reach("http://127.0.0.1:9/"),
    }
  },
  ...(process.env.MORE_DEEDS && (await import(process.env.MORE_DEEDS)).default),
}

function begin({ id, input = {}, webhook }) {
  const abort = new AbortController()
  const state = { id, input, output: null, logs: "", status: "processing", started_at: new Date().toISOString() }
  const plain = () => JSON.stringify({ ...state, tell: undefined, silent: undefined })
  state.tell = async () =>
    webhook && send("POST", webhook, plain(), { "content-type": "application/json" }).catch(() => {})
  running.set(id, { state, abort })
  const began = performance.now()
  const run = async () => {
    await state.tell()
    try {
      const deed = deeds[input.do ?? "say"]
      state.output = await deed(state, input, abort.signal)
      state.status = "succeeded"
    } catch (error) {
      state.status = abort.signal.aborted ? "canceled" : "failed"
      if (state.status === "failed") state.error = String(error?.message ?? error)
    }
    running.delete(id)
    if (state.silent) return
    state.metrics = { predict_time: (performance.now() - began) / 1000 }
    for (let pause = 100; webhook && pause < 60_000; pause *= 2) {
      const { status } = await send("POST", webhook, plain(), { "content-type": "application/json" }).catch(() => ({
        status: 500,
      }))
      if (status < 500 && status !== 429) break
      await sleep(pause)
    }
  }
  // Not enumerable, so that it is not part of responses and webhooks.
  Object.defineProperty(state, "over", { value: run() })
  return state
}

const server = createServer(async (request, response) => {
  const answer = (code, body) =>
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body))
  const [, kind, id, action] = request.url.split("/")
  let text = ""
  for await (const chunk of request) text += chunk
  if (request.url === "/health-check")
    return answer(200, { status: status(), setup, concurrency: { max: slots, current: running.size } })
  if (request.url === "/") return answer(200, { cog_version: "test" })
  if (request.url === "/shutdown") return response.end("{}", () => process.exit(0))
  if (action === "cancel") {
    running.get(id)?.abort.abort()
    return answer(running.has(id) ? 200 : 404, {})
  }
  if (kind !== (args["x-mode"] === "train" ? "trainings" : "predictions")) return answer(404, { detail: "Not Found" })
  if (running.has(id)) return answer(202, { id, status: "processing" })
  if (running.size >= slots) return answer(409, { detail: "Already running a prediction" })
  const state = begin({ ...JSON.parse(text), id })
  if (request.headers.prefer === "respond-async") return answer(202, { id, status: "starting" })
  await state.over
  answer(200, state)
})

const status = () =>
  setup.status === null
    ? "STARTING"
    : setup.status === "failed"
      ? "SETUP_FAILED"
      : running.size < slots
        ? "READY"
        : "BUSY"

async function setUp() {
  console.log("setting up")
  await sleep(Number(/\d+/.exec(SET_UP)?.[0] ?? 0))
  const failed = SET_UP.startsWith("fail")
  const last = failed ? "no weights here\n" : "set up\n"
  setup.logs = `setting up\n${last}`
  setup.status = failed ? "failed" : "succeeded"
  process.stdout.write(last)
}

process.on("SIGTERM", () => {})
server.requestTimeout = 0
server.listen(args.socket ?? Number(PORT), setUp)
