// One run of a model: its state, and its webhooks.
import { ModelError } from "./error.mjs"
import { callBack, putFile, readFile } from "./files.mjs"
import { momentOf } from "./moment.mjs"

const interval = Number(process.env.COG_THROTTLE_RESPONSE_INTERVAL || 0.5) * 1000

/**
 * Begins a run at once. `run` is the model's function: it returns the output, or yields it in parts.
 * @param {{ id?: string, created_at?: string, webhook?: string, webhook_events_filter?: string[] }} request
 * @param {{ properties: any, output: any, uploadUrl?: string, trace: object }} options
 */
export function begin(request, input, run, { properties, output, uploadUrl, trace }) {
  const abort = new AbortController()
  const state = {
    input: withoutSecrets(input, properties),
    output: output["x-cog-array-type"] === "iterator" ? [] : null,
    id: request.id ?? null,
    version: null,
    created_at: request.created_at ? momentOf(new Date(request.created_at)) : null,
    started_at: momentOf(),
    completed_at: null,
    logs: "",
    error: null,
    status: "processing",
    metrics: null,
  }
  const tell = teller(request, state, trace)
  const began = performance.now()
  const metrics = {}
  const context = {
    signal: abort.signal,
    log(text) {
      process.stdout.write(`${text}\n`)
      state.logs += `${text}\n`
      tell("logs")
    },
    metric: (name, value) => (metrics[name] = value),
    /** Yields to other tasks; throws if the run has been cancelled. */
    async breathe() {
      await new Promise(setImmediate)
      abort.signal.throwIfAborted()
    },
  }

  async function work() {
    tell("start")
    const result = run(await withFiles(input, properties), context)
    if (!result?.[Symbol.asyncIterator]) {
      state.output = await uploaded(await result, uploadUrl, state.id)
      return
    }
    let turn = performance.now()
    for await (const part of result) {
      abort.signal.throwIfAborted()
      state.output.push(await uploaded(part, uploadUrl, state.id))
      tell("output")
      // A model that never awaits would block everything else.
      if (performance.now() - turn < 20) continue
      await context.breathe()
      turn = performance.now()
    }
  }

  async function finish() {
    try {
      await work()
      state.status = "succeeded"
    } catch (error) {
      if (!(error instanceof ModelError) && !abort.signal.aborted) context.log(error?.stack ?? String(error))
      state.status = "failed"
      state.error = error?.message || String(error)
    }
    if (abort.signal.aborted) Object.assign(state, { status: "canceled", error: null })
    const predict_time = Math.round((performance.now() - began) * 1000) / 1e6
    if (state.status === "succeeded") state.metrics = { ...metrics, predict_time }
    state.completed_at = momentOf()
    // Sent only after the slot is free: the receiver may send the next prediction at once.
    setImmediate(tell, "completed")
  }

  return { state, cancel: () => abort.abort(), done: finish() }
}

/**
 * Sends webhooks in order, throttled: each one carries all changes since the last. The first output is sent at once,
 * unless the run ends with it.
 */
function teller({ webhook, webhook_events_filter: events }, state, trace) {
  let next = 0
  let wanted = false
  let isSending = false
  let hasOutput = false
  let timer
  let sent = Promise.resolve()

  function sendWhenDue() {
    clearTimeout(timer)
    if (!wanted || isSending || state.status !== "processing") return
    const wait = next - performance.now()
    if (wait > 0) timer = setTimeout(sendWhenDue, wait)
    else sendNow()
  }
  function sendNow() {
    wanted = false
    next = performance.now() + interval
    sent = send()
  }
  async function send() {
    isSending = true
    await callBack(webhook, bodyOf(state), { isFinal: false, trace })
    isSending = false
    sendWhenDue()
  }
  return async (event) => {
    if (!webhook || (events && !events.includes(event))) return
    if (event === "completed") {
      await sent
      await callBack(webhook, bodyOf(state), { isFinal: true, trace })
      return
    }
    if (event === "output" && !hasOutput) next = 0
    hasOutput ||= event === "output"
    wanted = true
    // The last output is followed at once by the end, which then replaces it.
    if (event === "output") setImmediate(sendWhenDue)
    else sendWhenDue()
  }
}

const bodyOf = ({ input, output, id, created_at, started_at, completed_at, logs, error, status, metrics }) => ({
  input,
  output,
  id,
  created_at,
  started_at,
  ...(completed_at && { completed_at }),
  logs,
  ...(error !== null && { error }),
  status,
  ...(metrics && { metrics }),
})

const withoutSecrets = (input, properties) =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      properties[name]["x-cog-secret"] && value !== null ? "**********" : value,
    ]),
  )

async function withFiles(input, properties) {
  const entries = Object.entries(input).map(async ([name, value]) => {
    const { format, items } = properties[name]
    if (value === null) return [name, value]
    if (format === "uri") return [name, await readFile(value)]
    return [name, items?.format === "uri" ? await Promise.all(value.map(readFile)) : value]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Replaces all files in an output by URLs. */
async function uploaded(value, uploadUrl, id) {
  if (value instanceof File) return putFile(value, uploadUrl, id)
  if (Array.isArray(value)) return Promise.all(value.map((item) => uploaded(item, uploadUrl, id)))
  if (value === null || typeof value !== "object") return value ?? null
  const entries = Object.entries(value).map(async ([key, item]) => [key, await uploaded(item, uploadUrl, id)])
  return Object.fromEntries(await Promise.all(entries))
}
