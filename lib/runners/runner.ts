import { fromNow } from "@/lib/clock"
import type { RunnerRow } from "./row"
import { listRunnerArchitectures, listRunnersSeen } from "./store"

export { findRunner, recordRunner } from "./store"

/** Seconds after which a runner that says nothing is lost. */
export const lostAfter = 30

/** The runners that are there now. */
export const listRunnersNow = (): Promise<RunnerRow[]> => listRunnersSeen(fromNow(-lostAfter))

/** The architectures whose images can be run here, in the order of preference: amd64, which is what models are built for, and what runners are besides. */
export async function runnableArchitectures(): Promise<string[]> {
  return [...new Set(["amd64", ...(await listRunnerArchitectures())])]
}
