import { rmSync } from "node:fs"
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http"
import { join } from "node:path"
import { Readable } from "node:stream"

import type { Engine } from "@/lib/engines/engine"
import { engineEvents } from "@/lib/engines/events"
import { overSocket } from "@/lib/engines/sockets"

/** Handles a request to a model server; `callBack` sends its callbacks. */
export type Script = (
  request: IncomingMessage,
  response: ServerResponse,
  callBack: (
    method: string,
    url: string,
    body?: Buffer | string | Readable,
    headers?: object,
  ) => Promise<IncomingMessage>,
) => unknown

/** An engine whose instances are model servers in this process, so that a test decides what they respond and when. */
export function scriptedEngine(folder: string, script: Script, logs: string[] = []) {
  const events = engineEvents()
  const servers = new Map<string, { close(): void }>()
  const path = (id: string, name: string) => join(folder, `${id.slice(-6)}.${name}`)
  const engine: Engine = {
    name: "process",
    check: async () => null,
    missing: async () => [],
    list: async () => [...servers.keys()].map((id) => ({ id, state: "running" })),
    watch: events.watch,
    async *logs() {
      yield* logs
    },
    logTail: async () => logs.join(""),
    callbackOrigin: () => "http://127.0.0.1:9000",
    callbackSocket: (id) => path(id, "callback"),
    dispatcher: (id) => overSocket(path(id, "model")),
    async openFile(_, file) {
      return { body: Readable.from([Buffer.from(`content of ${file}`)]), size: null }
    },
    async ensure({ id }) {
      if (!servers.has(id)) servers.set(id, await serve(path(id, "model"), path(id, "callback"), script))
      events.tell({ id, state: "running" })
    },
    async stop(id) {
      servers.get(id)?.close()
      servers.delete(id)
      rmSync(path(id, "model"), { force: true })
    },
    async close() {},
  }
  return Object.assign(engine, { tell: events.tell })
}

async function serve(socket: string, callbacks: string, script: Script) {
  const callBack = (method: string, url: string, body?: Buffer | string | Readable, headers = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(url, { socketPath: callbacks, method, headers }, (response) => {
        response.resume()
        response.once("end", () => resolve(response))
      })
      call.once("error", reject)
      call.flushHeaders()
      if (body instanceof Readable) body.once("error", (error) => call.destroy(error)).pipe(call)
      else call.end(body)
    })
  rmSync(socket, { force: true })
  const server = createServer((incoming, response) => {
    Promise.resolve(script(incoming, response, callBack)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
