import { env } from "@/env"
import { fromNow } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { deleteOldInstances } from "./store"

/** Instances deleted per transaction, so that other writes need not wait long: each log can have a megabyte. */
const atOnce = 100

/** Deletes instances that stopped long ago. Their cost stays in the ledger. */
export const oldInstancesJob: Job = {
  name: "old instances",
  every: 3600,
  by: "installation",
  async run(signal) {
    const before = fromNow(-env.INSTANCE_DAYS * 24 * 3600)
    while (!signal.aborted && (await deleteOldInstances(before, atOnce)) === atOnce);
  },
}
