import { env } from "@/env"
import { addressedOrigin, originOf } from "@/lib/origin"

/** Listen addresses that include the loopback interface. */
const everywhere = new Set(["0.0.0.0", "::", "localhost", "::1"])

/** server.mjs knows the port if PORT is 0. */
const listeningPort = () => (globalThis as Record<symbol, unknown>)[Symbol.for("understudy.port")] ?? env.PORT

/** The host and port from which this machine's engines pull images. */
export function runnerRegistry(): string {
  if (env.RUN_REGISTRY) return env.RUN_REGISTRY
  const host = everywhere.has(env.HOST) ? "127.0.0.1" : env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST
  return `${host}:${listeningPort()}`
}

/**
 * The origin of the token endpoint for a client of the registry. A pulling engine keeps the address it used, because
 * PUBLIC_URL may be unreachable for it.
 */
export function registryOrigin(headers: Record<string, string | string[] | undefined>): string {
  const addressed = addressedOrigin(headers)
  return new URL(addressed).host === runnerRegistry() ? addressed : originOf(headers)
}
