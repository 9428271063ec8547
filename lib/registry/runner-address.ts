import { env } from "@/env"
import { addressedOrigin, originOf } from "@/lib/origin"

/** Addresses to listen on that include the machine's own. */
const everywhere = new Set(["0.0.0.0", "::", "localhost", "::1"])

/** server.mjs knows the port, where any free one was asked for. */
const listeningPort = () => (globalThis as Record<symbol, unknown>)[Symbol.for("understudy.port")] ?? env.PORT

/** Where the engines of this machine's runner pull images from, as host and port. */
export function runnerRegistry(): string {
  if (env.RUN_REGISTRY) return env.RUN_REGISTRY
  const host = everywhere.has(env.HOST) ? "127.0.0.1" : env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST
  return `${host}:${listeningPort()}`
}

/** The origin that a client of the registry is led to for its token. An engine that pulls stays where it came: PUBLIC_URL may be out of its reach. */
export function registryOrigin(headers: Record<string, string | string[] | undefined>): string {
  const addressed = addressedOrigin(headers)
  return new URL(addressed).host === runnerRegistry() ? addressed : originOf(headers)
}
