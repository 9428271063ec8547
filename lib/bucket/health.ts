import { log } from "@/lib/log"
import { ownBucket, type Bucket } from "./bucket"

const patience = 5000
let asked = -Infinity
let known: string | null = null

/** What is wrong with the bucket, as it was a few seconds ago; null when nothing is, and where there is none. Who asks does not wait for it. */
export function bucketFailure(): string | null {
  const bucket = ownBucket()
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
