import { fromNow } from "@/lib/clock"
import type { RunnerRow } from "./row"
import { listRunnerArchitectures, listRunnersSeen } from "./store"

export { findRunner, recordRunner } from "./store"

/** Seconds without a report after which a runner is lost. */
export const lostAfter = 30

/** The runners that are up. */
export const listLiveRunners = (): Promise<RunnerRow[]> => listRunnersSeen(fromNow(-lostAfter))

/**
 * The architectures whose images can run, in order of preference: amd64 first, since most models are built for it, then
 * those of the runners.
 */
export async function runnableArchitectures(): Promise<string[]> {
  return [...new Set(["amd64", ...(await listRunnerArchitectures())])]
}
