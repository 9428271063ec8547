import type { Job } from "@/lib/jobs/job"
import { anyNewRuns, countNewRuns } from "./count-store"
import { removeExpiredData } from "./retention"

/** Removes expired data of predictions. */
export const expiredDataJob: Job = {
  name: "expired predictions",
  every: 60,
  by: "installation",
  run: removeExpiredData,
}

/** Updates the run counts of models. */
export const runCountsJob: Job = {
  name: "run counts",
  every: 1,
  // Counting is idempotent, and a lock would cost a write every second.
  by: "process",
  async run(signal) {
    if (!(await anyNewRuns())) return
    while (!signal.aborted && !(await countNewRuns()));
  },
}
