import path from "node:path"
import { Worker } from "node:worker_threads"

/** No request may keep /healthz waiting for longer, in milliseconds. */
export const slowestTurn = 1000

type Health = {
  slowestMs: number
  slowestTurnMs: number
  /** By the clock, while the machine had no more to do than it has processors. */
  slowestQuietMs: number
  asked: number
  failed: number
  /** What was found, in words. */
  figure(): string
  stop(): Promise<void>
}

/**
 * Requests /healthz ten times a second from a separate thread. Other processes may take the CPU from the server, so
 * what counts is the CPU time that the server's main thread used between request and response, and on a machine that is
 * not busy, also the wall-clock time.
 */
export function watchHealth(url: string, pid: number): Health {
  const worker = new Worker(path.resolve("torture/health.mjs"), { workerData: { url, pid } })
  const health: Health = {
    slowestMs: 0,
    slowestTurnMs: 0,
    slowestQuietMs: 0,
    asked: 0,
    failed: 0,
    figure: () =>
      `/healthz asked ${health.asked} times, at most ${health.slowestTurnMs.toFixed(0)} ms of the loop and ${health.slowestMs.toFixed(0)} ms by the clock`,
    async stop() {
      await worker.terminate()
    },
  }
  worker.on("message", ({ ms, turnMs, busy, ok }: { ms: number; turnMs: number; busy: boolean; ok: boolean }) => {
    health.asked++
    if (!ok) health.failed++
    health.slowestMs = Math.max(health.slowestMs, ms)
    health.slowestTurnMs = Math.max(health.slowestTurnMs, turnMs)
    if (!busy) health.slowestQuietMs = Math.max(health.slowestQuietMs, ms)
  })
  return health
}
