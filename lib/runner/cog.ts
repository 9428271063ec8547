import type { Dispatcher } from "undici"
import type { Readable } from "node:stream"

import { readJson } from "./json"
import { snapshotOf, type Snapshot } from "./snapshot"
import { clean, withLines } from "./text"

export type Health = {
  status: "UNKNOWN" | "STARTING" | "READY" | "BUSY" | "SETUP_FAILED" | "DEFUNCT" | "UNHEALTHY"
  setupLogs: string
  /** Why the model reports itself unhealthy. */
  complaint?: string
  slots?: number
}

/** The outcome of sending a prediction to a model server. */
export type SendResult =
  | { taken: true; snapshot: Snapshot | null }
  /** It was rejected, so it has not started. */
  | { taken: false; status: number; message: string }
  /** The server could not be reached. */
  | { taken: false; status: 0; message: string }
  /** No response: it may have started. */
  | { taken: "perhaps"; message: string }

export type SendRequest = {
  operation: "predict" | "train"
  id: string
  input: Record<string, unknown>
  created_at: string
  webhook: string
}

const answerLimit = 16_000_000

/** The HTTP API of a model server, for both generations of Cog. */
export function cogServer(dispatcher: Dispatcher) {
  const ask = (method: "GET" | "POST" | "PUT", path: string, limit: number, body?: object, headers = {}) =>
    dispatcher.request({
      origin: "http://model",
      path,
      method,
      headers: { ...(body && { "content-type": "application/json" }), ...headers },
      body: body ? JSON.stringify(body) : null,
      headersTimeout: limit,
      bodyTimeout: limit,
      signal: AbortSignal.timeout(limit * 2),
    })

  return {
    /** Null when there is no valid response. */
    async health(): Promise<Health | null> {
      try {
        const { statusCode, body } = await ask("GET", "/health-check", 5_000)
        const said = JSON.parse(await textOf(body)) as Record<string, any>
        if (statusCode !== 200 || typeof said?.status !== "string") return null
        return {
          status: said.status as Health["status"],
          setupLogs: typeof said.setup?.logs === "string" ? clean(withLines(said.setup.logs)) : "",
          ...(typeof said.user_healthcheck_error === "string" && { complaint: clean(said.user_healthcheck_error) }),
          ...(Number.isInteger(said.concurrency?.max) && said.concurrency.max > 0 && { slots: said.concurrency.max }),
        }
      } catch {
        return null
      }
    },

    async version(): Promise<string | undefined> {
      try {
        const { body } = await ask("GET", "/", 5_000)
        const { cog_version } = JSON.parse(await textOf(body)) as Record<string, unknown>
        return typeof cog_version === "string" ? clean(cog_version).slice(0, 100) : undefined
      } catch {
        return undefined
      }
    },

    /** Never called twice for one run: a server that has finished a prediction would run it again. */
    async send({ operation, id, input, created_at, webhook }: SendRequest): Promise<SendResult> {
      const path = `/${operation === "train" ? "trainings" : "predictions"}/${id}`
      // The response tells of the start.
      const events = ["output", "logs", "completed"]
      try {
        const { statusCode, body } = await ask(
          "PUT",
          path,
          60_000,
          { id, input, created_at, webhook, webhook_events_filter: events },
          { prefer: "respond-async" },
        )
        if (statusCode < 300) return { taken: true, snapshot: await snapshotIn(body) }
        return { taken: false, status: statusCode, message: refusal(await textOf(body).catch(() => "")) }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code === "ECONNREFUSED" || code === "ENOENT" || code === "UND_ERR_CONNECT_TIMEOUT")
          return { taken: false, status: 0, message }
        return { taken: "perhaps", message }
      }
    },

    /** Cancels trainings too, since their own route fails in some servers. The response is not reliable. */
    async cancel(id: string): Promise<void> {
      await ask("POST", `/predictions/${id}/cancel`, 10_000)
        .then(({ body }) => body.dump())
        .catch(() => {})
    },
  }
}

export type CogServer = ReturnType<typeof cogServer>

/** The state in a response, which for a fast model may be final; files arrive later. */
async function snapshotIn(body: Readable): Promise<Snapshot | null> {
  try {
    const read = await readJson(body, {
      limit: answerLimit,
      depth: 100,
      skip: ["input", "output"],
      tail: "logs",
      filesIn: "",
      cut: async () => "",
    })
    const snapshot = snapshotOf(read.value, read)
    if (!snapshot) return null
    // Its output may not have been uploaded yet, so only the webhook reports the end.
    const { logs, logsLength } = snapshot
    return logs === undefined ? {} : { logs, logsLength: logsLength! }
  } catch {
    return null
  }
}

async function textOf(body: Readable, limit = 4_000_000) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new Error("The answer is too large.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The validation errors of a server, one per line. */
function refusal(text: string): string {
  const shown = clean(withLines(text)).slice(0, 10_000)
  let body: any
  try {
    body = JSON.parse(shown)
  } catch {
    return shown
  }
  if (Array.isArray(body?.detail)) return body.detail.map(complaint).join("\n")
  const said = body?.detail ?? body?.error ?? body?.message
  return typeof said === "string" ? said : shown
}

function complaint(detail: any): string {
  const place = Array.isArray(detail?.loc)
    ? detail.loc.filter((part: unknown) => part !== "body" && part !== "input")
    : []
  const message = typeof detail?.msg === "string" ? detail.msg : JSON.stringify(detail)
  return place.length > 0 ? `${place.join(".")}: ${message}` : message
}
