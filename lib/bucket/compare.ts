import { digestIn, digestOf, type FileDigest } from "@/db/files"
import type { Bucket } from "./bucket"

/** `unchecked` are objects that are there, but whose digest is not known. */
export type Compared = { files: number; bytes: number; damaged: string[]; missing: string[]; unchecked: number }

/**
 * Reads objects and compares their content with the digests in their names, or else in `digests`: pushed layers have
 * names of their own.
 */
export async function compareObjects(
  bucket: Pick<Bucket, "read">,
  names: string[],
  digests: ReadonlyMap<string, FileDigest> = new Map(),
): Promise<Compared> {
  const compared: Compared = { files: 0, bytes: 0, damaged: [], missing: [], unchecked: 0 }
  for (const name of names) {
    const digest = digestIn(name) ?? digests.get(name)
    const content = await bucket.read(name)
    if (!content) compared.missing.push(name)
    else if (!digest) {
      content.destroy()
      compared.unchecked++
    } else if ((await digestOf(digest.algorithm, content, (count) => (compared.bytes += count))) !== digest.hex)
      compared.damaged.push(name)
    else compared.files++
  }
  return compared
}
