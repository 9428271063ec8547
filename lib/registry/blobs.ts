import path from "node:path"

import { env } from "@/env"
import type { BlobStore } from "./blob-store"
import { diskStore } from "./disk"

const key = Symbol.for("understudy.blobs")
const slot = globalThis as typeof globalThis & { [key]?: { folder: string; store: BlobStore } }

/** Where this instance keeps contents: one store a process, whichever bundle asks for it. */
export function blobStore(): BlobStore {
  const folder = path.resolve(env.DATA_DIR, "registry")
  if (slot[key]?.folder !== folder) slot[key] = { folder, store: diskStore(folder) }
  return slot[key]!.store
}
