import path from "node:path"

import { env } from "@/env"
import { configuredBucket, type Bucket } from "@/lib/bucket/bucket"
import { bucketContentStore } from "./bucket"
import type { ContentStore } from "./contents"
import { diskContentStore } from "./disk"

const key = Symbol.for("understudy.contents")
const slot = globalThis as typeof globalThis & { [key]?: { place: string | Bucket; contents: ContentStore } }

/** The store of this installation: its bucket, or DATA_DIR without one. */
export function contentStore(): ContentStore {
  const place = configuredBucket() ?? path.resolve(env.DATA_DIR, "files")
  if (slot[key]?.place !== place)
    slot[key] = { place, contents: typeof place === "string" ? diskContentStore(place) : bucketContentStore(place) }
  return slot[key]!.contents
}
