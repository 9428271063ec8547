import { log } from "@/lib/log"
import { ownBucket, type Bucket } from "./bucket"

const patience = 5000
let asked = -Infinity
let known: string | null = null

/** What is wrong with the bucket, as it was a few seconds ago; null when nothing is, and where there is none. Who asks does not wait for it. */
export function bucketTrouble(): string | null {
  const bucket = ownBucket()
  if (!bucket || performance.now() - asked < patience) return known
  asked = performance.now()
  void look(bucket)
  return known
}

async function look(bucket: Bucket) {
  const trouble = await bucket.silence()
  if (trouble && !known) log("error", "the bucket does not answer", { trouble })
  if (!trouble && known) log("warn", "the bucket answers again", {})
  known = trouble
}
