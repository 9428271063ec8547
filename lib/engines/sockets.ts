import { Agent, type Dispatcher } from "undici"

/** An HTTP client for a unix socket. Requests set their own time-outs. */
export const overSocket = (socketPath: string): Dispatcher =>
  new Agent({ connect: { socketPath, timeout: 10_000 }, connections: 64, headersTimeout: 0, bodyTimeout: 0 })

/** The host at which models call the runner, the same for every engine. */
export const callbackOrigin = "http://127.0.0.1:9000"
