import { readFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"

import { scriptedEngine, type Script } from "./scripted-engine"

type Exchange = {
  name: string
  request: { method: string; path: string; body: any }
  response: { status: number; body: any }
}
type Heard = { at: number; method: string; path: string; headers: Record<string, string>; body: any }
export type Capture = { model: string; exchanges: Exchange[]; received_by_sink?: Heard[] }

export const readCapture = (name: string): Capture =>
  JSON.parse(readFileSync(join("lib/test/cog-captures", `${name}.json`), "utf8"))

/** The address to which the recorded server sent webhooks and files. */
const sink = "http://127.0.0.1:5899"

/**
 * An engine whose instances replay recordings of a real model server. The input `play` of a prediction names the
 * exchange to replay: the recorded requests are sent at the recorded pace, with our ID and URLs in them.
 */
export function replayEngine(folder: string, capture: Capture) {
  const asked: string[] = []
  return { engine: scriptedEngine(folder, replaying(capture, asked)), asked }
}

function replaying(capture: Capture, asked: string[]): Script {
  const cancelled = new Set<string>()
  const running = new Set<string>()
  let last = ""
  const health = (): unknown => {
    const recorded = (status: string) =>
      capture.exchanges.find(({ response }) => response.body?.status === status && response.body.setup)?.response.body
    if (recorded("SETUP_FAILED")) return recorded("SETUP_FAILED")
    if (/worker dies|predict after/.test(last) && running.size === 0) return recorded("DEFUNCT")
    if (last && recorded("UNHEALTHY")) return recorded("UNHEALTHY")
    const slots = capture.model === "async_metrics" ? 2 : 1
    return running.size < slots
      ? { status: "READY", setup: { status: "succeeded", logs: "" }, concurrency: { max: slots } }
      : { status: "BUSY" }
  }

  return async (incoming, response, callBack) => {
    const say = (status: number, body: unknown) =>
      response
        .writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json" })
        .end(typeof body === "string" ? body : JSON.stringify(body))
    const [, kind, id, action] = incoming.url!.split("/")
    if (incoming.url === "/health-check") return say(200, health())
    if (incoming.url === "/") return say(200, { cog_version: "0.16.12" })
    asked.push(`${incoming.method} ${incoming.url}`)
    if (action === "cancel" && kind === "trainings") return say(500, "Internal Server Error")
    if (action === "cancel") {
      cancelled.add(id!)
      return say(running.has(id!) ? 200 : 404, {})
    }
    const order = JSON.parse(await text(incoming))
    const exchange = capture.exchanges.find(({ name }) => name === order.input.play) ?? unrecorded(order.input.play)
    last = exchange.name
    const { status, body } = exchange.response
    if (status >= 400) return say(status, body)
    const recorded = exchange.request.body?.id ?? body?.id
    const heard = capture.received_by_sink ?? []
    const story = heard.filter(({ method, path }) => method === "POST" && path === `/webhook/${recorded}`)
    running.add(id!)
    say(202, { ...(status === 202 ? body : { status: "processing" }), id })
    await playBack({ order, exchange, heard, story, recorded, call: callBack })
  }

  async function playBack(part: {
    order: any
    exchange: Exchange
    heard: Heard[]
    story: Heard[]
    recorded: string
    call: Parameters<Script>[2]
  }) {
    const { order, exchange, heard, story, recorded, call } = part
    // A synchronous response is replayed as a final webhook.
    const told = story.length > 0 ? story : [{ at: 0, body: exchange.response.body }]
    if (told !== story) await sleep((exchange.response.body?.metrics?.predict_time ?? 0) * 1000)
    let uploaded = ""
    let [at, looked] = [story.length === 1 ? story[0]!.at - secondsOf(story[0]!.body) : told[0]!.at, -Infinity]
    for (const webhook of told) {
      for (const { method, path, headers, body } of heard.filter((one) => one.at > looked && one.at <= webhook.at)) {
        if (
          method === "GET" &&
          JSON.stringify(exchange.request.body).includes(path) &&
          typeof order.input.file === "string"
        )
          await call("GET", order.input.file)
        if (method !== "PUT" || headers["X-Prediction-ID"] !== recorded) continue
        const taken = await call("PUT", `http://127.0.0.1:9000${path}`, Buffer.from(body.head, "latin1"), {
          "content-type": path.endsWith(".png") ? "image/png" : "text/plain",
          "x-prediction-id": order.id,
        })
        uploaded = taken.headers.location!
      }
      await sleep((webhook.at - at) * 1000)
      at = looked = webhook.at
      const isEnd = ["succeeded", "failed", "canceled"].includes(webhook.body.status)
      if (webhook.body.status === "canceled")
        for (let wait = 0; !cancelled.has(order.id) && wait < 500; wait++) await sleep(20)
      const body = JSON.stringify({ ...webhook.body, id: order.id })
        .replaceAll(new RegExp(`${sink}/cdn/[\\w.-]+`, "g"), uploaded)
        .replaceAll(`${sink}/webhook/${recorded}`, order.webhook)
      if (isEnd) running.delete(order.id)
      await call("POST", order.webhook, body, { "content-type": "application/json" })
    }
    running.delete(order.id)
  }
}

const secondsOf = (body: any) => body.metrics?.predict_time ?? 0

/** The exchange of a run of which only webhooks were recorded. */
const unrecorded = (id: string): Exchange => ({
  name: id,
  request: { method: "PUT", path: `/predictions/${id}`, body: { id } },
  response: { status: 202, body: { status: "processing" } },
})
