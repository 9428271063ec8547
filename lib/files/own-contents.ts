import path from "node:path"

import { env } from "@/env"
import { ownBucket, type Bucket } from "@/lib/bucket/bucket"
import { contentsInBucket } from "./bucket"
import type { Contents } from "./contents"
import { contentsOnDisk } from "./disk"

const key = Symbol.for("understudy.contents")
const slot = globalThis as typeof globalThis & { [key]?: { place: string | Bucket; contents: Contents } }

/** The store of this instance: its bucket, or DATA_DIR without one. */
export function ownContents(): Contents {
  const place = ownBucket() ?? path.resolve(env.DATA_DIR, "files")
  if (slot[key]?.place !== place)
    slot[key] = { place, contents: typeof place === "string" ? contentsOnDisk(place) : contentsInBucket(place) }
  return slot[key]!.contents
}
