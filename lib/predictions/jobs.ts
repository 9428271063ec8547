import type { Job } from "@/lib/jobs/job"
import { anyNewRuns, countNewRuns } from "./count-store"
import { removeExpiredData } from "./retention"

/** Removes the data of predictions whose time is over. */
export const expiredDataJob: Job = {
  name: "expired predictions",
  every: 60,
  by: "instance",
  run: removeExpiredData,
}

/** Keeps up how often models ran. */
export const runCountsJob: Job = {
  name: "run counts",
  every: 1,
  // Each prediction is counted once whoever does it, and taking turns would cost a write every second.
  by: "process",
  async run(signal) {
    if (!(await anyNewRuns())) return
    while (!signal.aborted && !(await countNewRuns()));
  },
}
