// Serves a model over HTTP as Cog's Python server 0.16 does, in one file without dependencies.
import { createServer } from "node:http"
import { parseArgs } from "node:util"
import { cogSchema } from "./cog-schema.mjs"
import { contract } from "./contract.mjs"
import { readFile } from "./files.mjs"
import { readInput } from "./input.mjs"
import { momentOf } from "./moment.mjs"
import { begin } from "./prediction.mjs"

const bodyLimit = 100 * 1024 * 1024

/**
 * @param {{ input: object, output: object, train?: object, maxAtOnce?: number, setup?: Function, predict: Function }}
 * model
 */
export function serve(model, args = process.argv.slice(2), env = process.env) {
  const { values } = parseArgs({
    args,
    strict: false,
    options: Object.fromEntries(
      ["socket", "host", "upload-url", "x-mode", "await-explicit-shutdown", "threads"].map((name) => [
        name,
        { type: "string" },
      ]),
    ),
  })
  const document = cogSchema(model)
  const { schemas } = document.components
  const trains = values["x-mode"] === "train"
  const job = trains
    ? { path: "trainings", input: "TrainingInput", output: schemas.TrainingOutput, run: model.train?.run }
    : { path: "predictions", input: "Input", output: schemas.Output, run: model.predict }
  const slots = Math.min(Number(env.COG_MAX_CONCURRENCY || 1), model.maxAtOnce ?? Infinity)
  const running = new Map()
  let unnamed = 0
  const setup = { started_at: momentOf(), completed_at: null, logs: "", status: null }

  async function setUp() {
    const log = (text) => {
      process.stdout.write(`${text}\n`)
      setup.logs += `${text}\n`
    }
    try {
      const weights = env.COG_WEIGHTS ? await readFile(env.COG_WEIGHTS) : null
      await model.setup?.({ weights, log, trains })
      setup.status = "succeeded"
    } catch (error) {
      log(error?.stack ?? error)
      setup.status = "failed"
    }
    setup.completed_at = momentOf()
  }

  function status() {
    if (setup.status === null) return "STARTING"
    if (setup.status === "failed") return "SETUP_FAILED"
    return running.size < slots ? "READY" : "BUSY"
  }

  /** @returns {Promise<[status: number, body?: any]>} */
  async function answer(request) {
    const path = new URL(request.url, "http://model").pathname.replace(/(?<=.)\/$/, "")
    const [, kind, id, action] = path.split("/")
    const is = (method, wanted) => {
      if (path !== wanted) return false
      if (request.method !== method) throw [405, { detail: "Method Not Allowed" }]
      return true
    }
    if (is("GET", "/")) return [200, index(model)]
    if (is("GET", "/openapi.json")) return [200, document]
    if (is("GET", "/health-check"))
      return [200, { status: status(), setup: setup.status ? setup : { started_at: setup.started_at } }]
    if (is("POST", "/shutdown")) return [200, {}]
    if (action === "cancel" && (kind === "predictions" || kind === job.path)) {
      if (request.method !== "POST") return [405, { detail: "Method Not Allowed" }]
      running.get(id)?.cancel()
      return [running.has(id) ? 200 : 404, {}]
    }
    if (kind !== job.path || action !== undefined) return [404, { detail: "Not Found" }]
    if (request.method !== (id === undefined ? "POST" : "PUT")) return [405, { detail: "Method Not Allowed" }]
    return start(await readBody(request), id, request.headers)
  }

  async function start(body, id, { prefer, traceparent, tracestate }) {
    if (id !== undefined && (body.id ?? id) !== id)
      return invalid(["body", "id"], "prediction ID must match the ID supplied in the URL", "value_error")
    if (id !== undefined && running.has(id)) return [202, running.get(id).state]
    const wrong = whatIsWrong(body, schemas.WebhookEvent.enum)
    const { input, detail = [] } = readInput(schemas, job.input, body.input)
    if (wrong || detail.length > 0) return [422, { detail: [...detail, ...(wrong ? [wrong] : [])] }]
    if (status() === "SETUP_FAILED") return [500, "Internal Server Error"]
    if (status() !== "READY") return [409, { detail: "Already running a prediction" }]

    const prediction = begin({ ...body, id: id ?? body.id }, input, job.run, {
      properties: schemas[job.input].properties,
      output: job.output,
      uploadUrl: values["upload-url"],
      trace: { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) },
    })
    const key = prediction.state.id ?? `#${unnamed++}`
    running.set(key, prediction)
    const done = prediction.done.finally(() => running.delete(key))
    if (prefer === "respond-async") return [202, prediction.state]
    await done
    return [200, prediction.state]
  }

  let asked = performance.now()
  const server = createServer(async (request, response) => {
    asked = performance.now()
    const [code, body] = await answer(request).catch((error) =>
      Array.isArray(error) ? error : [500, "Internal Server Error"],
    )
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json"
    response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(text) })
    response.end(text, () => code === 200 && request.url === "/shutdown" && process.exit(0))
  })
  server.requestTimeout = 0
  // A runner polls every few seconds. Without polls for this long, it will not come back.
  const idleLimit = Number(env.SILENCE_LIMIT || Infinity) * 1000
  setInterval(() => performance.now() - asked > idleLimit && process.exit(0), 1000).unref()
  if (values["await-explicit-shutdown"]) process.on("SIGTERM", () => {})
  if (values.socket) server.listen(values.socket)
  else server.listen(Number(env.PORT || 5000), values.host || "0.0.0.0")
  server.once("listening", setUp)
  return server
}

const invalid = (loc, msg, type, ctx) => [422, { detail: [{ loc, msg, type, ...(ctx && { ctx }) }] }]

const index = ({ train }) => ({
  cog_version: contract,
  docs_url: "/docs",
  openapi_url: "/openapi.json",
  shutdown_url: "/shutdown",
  healthcheck_url: "/health-check",
  predictions_url: "/predictions",
  predictions_idempotent_url: "/predictions/{prediction_id}",
  predictions_cancel_url: "/predictions/{prediction_id}/cancel",
  ...(train && {
    trainings_url: "/trainings",
    trainings_idempotent_url: "/trainings/{training_id}",
    trainings_cancel_url: "/trainings/{training_id}/cancel",
  }),
})

/** Throws an error response if the body is not a JSON object. */
async function readBody(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > bodyLimit) throw [413, { detail: "The request is too large" }]
    chunks.push(chunk)
  }
  if (size === 0) return {}
  const noObject = invalid(["body"], "value is not a valid dict", "type_error.dict")
  if (!/json/i.test(request.headers["content-type"] ?? "")) throw noObject
  let body
  try {
    body = JSON.parse(Buffer.concat(chunks).toString())
  } catch (error) {
    throw invalid(["body", 0], error.message, "value_error.jsondecode")
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) throw noObject
  return body
}

/** The first validation error of a request, except for its input; null if it is valid. */
function whatIsWrong({ id, created_at, webhook, webhook_events_filter: events }, known) {
  const complaint = (loc, msg, type, ctx) => ({ loc: ["body", ...loc], msg, type, ...(ctx && { ctx }) })
  if (id !== undefined && id !== null && typeof id !== "string")
    return complaint(["id"], "str type expected", "type_error.str")
  if (created_at && Number.isNaN(Date.parse(created_at)))
    return complaint(["created_at"], "invalid datetime format", "value_error.datetime")
  if (webhook !== undefined && !URL.canParse(webhook))
    return complaint(["webhook"], "invalid or missing URL scheme", "value_error.url.scheme")
  if (events === undefined) return null
  if (!Array.isArray(events))
    return complaint(["webhook_events_filter"], "value is not a valid list", "type_error.list")
  const at = events.findIndex((event) => !known.includes(event))
  const permitted = known.map((event) => `'${event}'`).join(", ")
  const msg = `value is not a valid enumeration member; permitted: ${permitted}`
  return at < 0 ? null : complaint(["webhook_events_filter", at], msg, "type_error.enum", { enum_values: known })
}
