import Big from "big.js"

import { read } from "@/db"
import { microsOf, now } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { cancelNow, findCurrentPrediction } from "@/lib/predictions/running"
import { listLimited } from "./store"

/** Cancels trainings that have reached their cost limit, unless all that is left is to store their version. */
export const costLimitsJob: Job = {
  name: "cost limits of trainings",
  every: 1,
  // Another process may have ended it already.
  by: "process",
  async run() {
    const at = now()
    for (const { id, claimed_at, cost_limit_usd, spent_usd, metered_until, usd_per_second } of await listLimited(
      read(),
      at,
    )) {
      const since = laterOf(metered_until, claimed_at!)
      const seconds = Big(Math.max(0, microsOf(at) - microsOf(since))).div(1e6)
      if (Big(spent_usd).plus(seconds.times(usd_per_second)).lt(cost_limit_usd!)) continue
      const training = await findCurrentPrediction(id)
      if (training)
        await cancelNow(training, undefined, { because: `It reached its cost limit of $${cost_limit_usd}.` })
    }
  },
}

const laterOf = (a: string, b: string) => (a > b ? a : b)
