import type { ServerResponse } from "node:http"

import { subscribePrediction } from "@/lib/predictions/channel"
import type { Prediction } from "@/lib/predictions/row"
import { eventsAfter, lastPosition } from "@/lib/streams/events"
import { eventInWire } from "@/lib/streams/wire"
import { missing } from "@/lib/problem"
import { reserveStream, reserveAccountStream } from "@/lib/rate-limits/streams"

/** Milliseconds between heartbeats, which keep proxies and clients from timing out. */
const heartbeat = 10_000
/** Milliseconds after which a stalled client is disconnected. */
const patience = 120_000

type Reader = {
  response: ServerResponse
  /** Whether the write buffer has room. */
  ready: boolean
  /** When the write buffer filled up, as `performance.now()`. */
  stuckSince: number
}

/** One timer sends the heartbeats of all streams. */
const readers = new Set<Reader>()
let beating: NodeJS.Timeout | undefined

function beat() {
  const now = performance.now()
  for (const reader of readers)
    if (reader.ready) write(reader, ": heartbeat\n\n")
    else if (now - reader.stuckSince > patience) reader.response.destroy()
}

/** Writes text and records whether the client keeps up. */
function write(reader: Reader, text: string) {
  if (!reader.response.write(text)) {
    reader.ready = false
    reader.stuckSince = performance.now()
  }
}

export type Watching = {
  /** The prediction's ID. */
  id: string
  /** The position of the last event that the client has received; 0 if none. */
  position: number
  origin: string
  network: string
}

/**
 * Streams a prediction's events to a client until the prediction ends. Nothing is buffered for a slow client; it gets
 * the rest when it is ready. Throws `missing` if the prediction does not exist or its data was removed, and
 * `throttled`.
 */
export async function streamPrediction(response: ServerResponse, watching: Watching): Promise<void> {
  const { id, origin, network } = watching
  const release = reserveStream({ network })
  const reader: Reader = { response, ready: true, stuckSince: 0 }
  let position = watching.position
  let newest: Prediction | undefined
  let begun = false

  function tell() {
    if (!newest || !begun || response.destroyed || response.writableEnded) return
    while (reader.ready) {
      const next = eventsAfter(position, newest, origin).next()
      if (next.done) break
      position = next.value.position
      write(reader, eventInWire(next.value, newest.created_at))
      if (next.value.event === "done") return void response.end()
    }
  }

  response.once("close", release)
  const stop = await subscribePrediction(id, (prediction) => {
    newest = prediction
    tell()
  }).catch((error: unknown) => {
    release()
    throw error
  })
  if (!stop || !newest || newest.data_removed) {
    stop?.()
    release()
    throw missing()
  }
  response.once("close", stop)
  if (response.destroyed) return stop()
  try {
    response.once("close", reserveAccountStream(newest.owner_id))
  } catch (error) {
    stop()
    release()
    throw error
  }

  // 204 makes a client that has received the last event stop reconnecting.
  if (newest.completed_at !== null && position >= lastPosition(newest)) return void response.writeHead(204).end()
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
  })
  join(reader)
  response.on("drain", () => {
    reader.ready = true
    tell()
  })
  begun = true
  write(reader, ": hi\n\n")
  tell()
}

function join(reader: Reader) {
  readers.add(reader)
  beating ??= setInterval(beat, heartbeat).unref()
  reader.response.once("close", () => {
    readers.delete(reader)
    if (readers.size > 0) return
    clearInterval(beating)
    beating = undefined
  })
}
