import type { Job } from "@/lib/jobs/job"
import { countNewRuns } from "./count-store"
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
  by: "instance",
  async run(signal) {
    while (!signal.aborted && !(await countNewRuns()));
  },
}
