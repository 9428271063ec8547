import { Agent, type Dispatcher } from "undici"

/** Reaches whoever listens on a unix socket. Requests bring their own limits of time. */
export const overSocket = (socketPath: string): Dispatcher =>
  new Agent({ connect: { socketPath, timeout: 10_000 }, connections: 64, headersTimeout: 0, bodyTimeout: 0 })

/** What models call the runner by: the same in every engine, whatever carries it. */
export const callbackOrigin = "http://127.0.0.1:9000"
