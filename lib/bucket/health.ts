import { log } from "@/lib/log"
import { configuredBucket, type Bucket } from "./bucket"

const patience = 5000
let asked = -Infinity
let known: string | null = null

/** The error of the last bucket check, null if it succeeded. Starts the next check without waiting for it. */
export function bucketFailure(): string | null {
  const bucket = configuredBucket()
  if (!bucket || performance.now() - asked < patience) return known
  asked = performance.now()
  void look(bucket)
  return known
}

async function look(bucket: Bucket) {
  const failure = await bucket.checkReadable()
  if (failure && !known) log("error", "the bucket does not answer", { failure })
  if (!failure && known) log("warn", "the bucket answers again", {})
  known = failure
}
