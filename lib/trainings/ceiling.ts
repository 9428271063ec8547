import Big from "big.js"

import { read } from "@/db"
import { microsOf, now } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { cancelNow } from "@/lib/predictions/running"
import { listLimited } from "./store"

/** Cancels trainings that have reached their cost limit. */
export const ceilingsJob: Job = {
  name: "cost limits of trainings",
  every: 1,
  // Another process may have ended it already.
  by: "process",
  async run() {
    const at = now()
    for (const { training, spent_usd, metered_until, usd_per_second } of await listLimited(read())) {
      const since = laterOf(metered_until, training.claimed_at!)
      const seconds = Big(Math.max(0, microsOf(at) - microsOf(since))).div(1e6)
      const cost = Big(spent_usd).plus(seconds.times(usd_per_second))
      if (cost.lt(training.cost_limit_usd!)) continue
      await cancelNow(training, undefined, { because: `It has cost $${training.cost_limit_usd}, its limit.` })
    }
  },
}

const laterOf = (a: string, b: string) => (a > b ? a : b)
