import { chmodSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { dirname } from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

import { makeFolderSync } from "@/db/data-folder"
import { readJson, Unreadable } from "./json"
import { snapshotOf, type Snapshot } from "./snapshot"

/**
 * Handles the callbacks of one model server. All of it is limited, and applies only to the instance whose socket it
 * came through.
 */
export type Callbacks = {
  /** A snapshot of a prediction. Resolves once it is recorded. */
  snapshot(prediction: string, snapshot: Snapshot): Promise<void>
  /** A body that cannot be accepted. */
  unreadable(prediction: string, why: string): void
  /** Stores a file inside a snapshot and returns its URL. */
  cut(prediction: string, file: { type: string; place: string }, body: Readable): Promise<string>
  /** Stores an output file. `prediction` is null where the server does not name it. */
  upload(prediction: string | null, file: { name: string; content_type: string }, body: Readable): Promise<string>
  /** Opens an input file; without a prediction, the weights of the instance. */
  input(
    prediction: string | null,
    file: string,
  ): Promise<{ body: Readable; name: string; content_type: string; size: number | null } | null>
  /** A body of a prediction starts or stops arriving. Until it has, the prediction is not lost. */
  arriving(prediction: string | null, change: 1 | -1): void
}

/** Character limit of a snapshot, excluding files and the beginning of logs. */
const bodyLimit = 16_000_000
const depthLimit = 100
/** Webhooks per second and burst size of one instance. */
const webhooksPerSecond = 100
const webhooksAtOnce = 200

/** The paths of webhooks, input files and weights, below the callback origin. */
export const webhookPath = (prediction: string) => `/webhook/${prediction}`
export const inputPath = (prediction: string, file: string, name: string) =>
  inputFolder(prediction, file) + encodeURIComponent(nameInPath(name))
export const inputFolder = (prediction: string, file: string) => `/input/${prediction}/${encodeURIComponent(file)}/`

export const weightsPath = (file: string, name: string) =>
  `/weights/${encodeURIComponent(file)}/${encodeURIComponent(nameInPath(name))}`

/** Cog takes a file's name from its URL, up to 200 bytes. */
function nameInPath(name: string) {
  const plain = name.replace(/[/\\\0]/g, "_").replace(/^\.+/, "_") || "file"
  const dot = plain.lastIndexOf(".")
  const [base, extension] = dot > 0 && plain.length - dot <= 16 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ""]
  let end = base.length
  while (Buffer.byteLength(encodeURIComponent(base.slice(0, end).toWellFormed() + extension)) > 180 && end > 1) end--
  return base.slice(0, end).toWellFormed() + extension
}

export type Listener = { close(): Promise<void> }

/** Listens on the socket for the callbacks of one instance. */
export async function listenForCallbacks(socket: string, callbacks: Callbacks): Promise<Listener> {
  const routes = makeRoutes(callbacks)
  const server = createServer((request, response) => {
    response.on("error", () => {})
    routes(request, response).catch((error) => {
      if (response.headersSent) return void response.destroy()
      answer(response, error instanceof Unreadable ? 400 : 502)
      request.resume()
    })
  })
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  server.maxConnections = 512
  makeFolderSync(dirname(socket))
  rmSync(socket, { force: true })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve))
  // The folder controls access; the model runs under another account.
  chmodSync(socket, 0o666)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function makeRoutes(callbacks: Callbacks) {
  const webhooks = serialQueue()
  const answers = serialQueue()
  const allow = bucket()

  async function webhook(prediction: string, request: IncomingMessage, response: ServerResponse) {
    if (!allow()) return answer(response, 429)
    await counted(prediction, () => webhooks(() => snapshot(prediction, request)))
    answer(response, 200)
  }

  async function snapshot(prediction: string, request: IncomingMessage) {
    try {
      const read = await readJson(request, {
        limit: bodyLimit,
        depth: depthLimit,
        skip: ["input"],
        tail: "logs",
        filesIn: "output",
        cut: ({ type, place }, body) => callbacks.cut(prediction, { type, place: place.join(".") }, body),
      })
      const snapshot = snapshotOf(read.value, read)
      if (snapshot) await callbacks.snapshot(prediction, snapshot)
    } catch (error) {
      if (error instanceof Unreadable) callbacks.unreadable(prediction, error.message)
      throw error
    }
  }

  /** Some servers append files in the order of the responses, so responses keep the order of the requests. */
  async function upload(name: string, request: IncomingMessage, response: ServerResponse) {
    const said = request.headers["x-prediction-id"]
    const prediction = typeof said === "string" && said !== "" ? said : null
    const content_type = request.headers["content-type"] ?? "application/octet-stream"
    const turn = answers.turn()
    try {
      const url = await counted(prediction, () => callbacks.upload(prediction, { name, content_type }, request))
      await turn.mine
      response.setHeader("location", url)
      answer(response, 201)
    } finally {
      turn.over()
    }
  }

  async function input(prediction: string | null, file: string, request: IncomingMessage, response: ServerResponse) {
    const found = await callbacks.input(prediction, file)
    if (!found) return answer(response, 404)
    response.writeHead(200, {
      "content-type": found.content_type,
      ...(found.size !== null && { "content-length": found.size }),
    })
    if (request.method === "HEAD") {
      found.body.destroy()
      return void response.end()
    }
    await pipeline(found.body, response)
  }

  async function counted<T>(prediction: string | null, work: () => Promise<T>) {
    callbacks.arriving(prediction, 1)
    try {
      return await work()
    } finally {
      callbacks.arriving(prediction, -1)
    }
  }

  return async (request: IncomingMessage, response: ServerResponse) => {
    const [path = ""] = (request.url ?? "").split("?", 1)
    const [first, ...rest] = path.slice(1).split("/").map(decoded)
    if (request.method === "POST" && first === "webhook" && rest.length === 1)
      return webhook(rest[0]!, request, response)
    if (request.method === "PUT" && first === "upload" && rest.length > 0)
      return upload(rest.at(-1) || "output", request, response)
    if ((request.method === "GET" || request.method === "HEAD") && first === "input" && rest.length >= 2)
      return input(rest[0]!, rest[1]!, request, response)
    if ((request.method === "GET" || request.method === "HEAD") && first === "weights" && rest.length >= 1)
      return input(null, rest[0]!, request, response)
    answer(response, 404)
  }
}

function decoded(part: string) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function answer(response: ServerResponse, status: number) {
  response.statusCode = status
  response.end()
}

function serialQueue() {
  let last: Promise<unknown> = Promise.resolve()
  const run = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
  /** A place in the queue: `mine` resolves when all earlier ones are done. */
  const turn = () => {
    const mine = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = mine.then(() => promise)
    return { mine, over: resolve }
  }
  return Object.assign(run, { turn })
}

function bucket() {
  let [left, at] = [webhooksAtOnce, performance.now()]
  return () => {
    const now = performance.now()
    left = Math.min(webhooksAtOnce, left + ((now - at) / 1000) * webhooksPerSecond)
    at = now
    if (left < 1) return false
    left--
    return true
  }
}
