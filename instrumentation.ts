import type { IncomingMessage, ServerResponse } from "node:http"

/** The request handlers that bypass Next, for server.mjs. */
type Handlers = {
  v1: (request: IncomingMessage, response: ServerResponse) => void
  /** The registry, and Cog's sign-in endpoints. */
  v2: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers `/files/…`. */
  file: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Counts a request for a page; returns the seconds to wait, or null if it may proceed. */
  admit: (request: IncomingMessage) => Promise<number | null>
  /** Whether a request comes with a session, which decides how large its form may be. */
  isSignedIn: (headers: { cookie?: string }) => Promise<boolean>
  /** Answers `/images/…`. */
  image: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Serves `/page.md` and `/page.json`; false leaves the request to Next. */
  alternate: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  /** Serves a page from the page cache, or else calls `render`. */
  cachedPage: (request: IncomingMessage, response: ServerResponse, nonce: string, render: () => void) => void
  /** Why requests cannot be answered, as a sentence; null if they can. */
  ready(): Promise<string | null>
  /** Why the bucket cannot be used, as a sentence; null if it can, or if none is configured. */
  files(): string | null
  /** The number of queued writes. */
  waiting(): number
  /** The metrics of deployments, as lines for Prometheus. */
  metrics(): Promise<string[]>
  /** Answers soon those who wait for the end of a prediction, because the server stops. */
  endWaits(): void
  close(): Promise<void>
}

/** Runs once before the first request: starts what the process needs, builds the API and passes it to server.mjs. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return
  const handlers = (
    globalThis as Record<symbol, { resolve(handlers: Handlers): void; reject(reason: unknown): void } | undefined>
  )[Symbol.for("understudy.handlers")]
  try {
    const { startServer } = await import("./lib/start")
    const stopServer = await startServer({ alone: handlers !== undefined })
    const { sharedApi } = await import("./app/v1/shared")
    const { sharedRegistry } = await import("./app/v2/shared")
    const { answerFile } = await import("./app/files/handler")
    const { answerImage } = await import("./app/images/handler")
    const { admitPage } = await import("./lib/next/page-limit")
    const { isSignedIn } = await import("./lib/next/session-cookie")
    const { answerCached } = await import("./lib/next/page-cache")
    const { answerAlternate } = await import("./app/_alternates/alternates")
    const { databaseHandle } = await import("./db")
    const { databaseAnswers } = await import("./db/migrate")
    const { deploymentMetrics } = await import("./lib/deployments/prometheus")
    const { bucketFailure } = await import("./lib/bucket/health")
    const { endWaits } = await import("./lib/predictions/wait")
    const [api, registry] = await Promise.all([sharedApi(), sharedRegistry()])
    handlers?.resolve({
      v1: api.routing,
      v2: registry.routing,
      file: answerFile,
      image: answerImage,
      admit: admitPage,
      isSignedIn,
      alternate: answerAlternate,
      cachedPage: answerCached,
      ready: databaseAnswers,
      files: bucketFailure,
      metrics: deploymentMetrics,
      endWaits,
      waiting: () => databaseHandle().waiting?.() ?? 0,
      async close() {
        await Promise.all([api.close(), registry.close()])
        await stopServer()
      },
    })
  } catch (error) {
    if (!handlers) throw error
    handlers.reject(error)
  }
}

/** Logs errors of pages; Next prints a line of its own, too. */
export async function onRequestError(error: unknown, request: { path: string; method: string }): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return
  const { log } = await import("./lib/log")
  log("error", "a page failed", { error, method: request.method, path: request.path.split("?", 1)[0] })
}
