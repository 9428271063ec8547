import { and, eq, inArray, lt, notExists, sql } from "drizzle-orm"

import { read, write } from "@/db"
import { blobs, manifest_parts, model_blobs } from "@/db/schema"
import type { Blob } from "./blob-store"

/** Takes away holds from before `cutoff` that no manifest needs, and rows of contents nobody holds. Answers the files of those. */
export async function sweepRows(cutoff: string): Promise<Pick<Blob, "file" | "size">[]> {
  return write(async (tx) => {
    const needed = tx
      .select({ one: sql`1` })
      .from(manifest_parts)
      .where(and(eq(manifest_parts.model_id, model_blobs.model_id), eq(manifest_parts.digest, model_blobs.digest)))
    await tx.delete(model_blobs).where(and(lt(model_blobs.linked_at, cutoff), notExists(needed)))
    const held = tx
      .select({ one: sql`1` })
      .from(model_blobs)
      .where(eq(model_blobs.digest, blobs.digest))
    return tx.delete(blobs).where(notExists(held)).returning({ file: blobs.file, size: blobs.size })
  })
}

/** Those of the files that a content lies in. */
export async function filesInUse(files: string[]): Promise<Set<string>> {
  const rows = await read().select({ file: blobs.file }).from(blobs).where(inArray(blobs.file, files))
  return new Set(rows.map(({ file }) => file))
}
