import { digestIn, digestOf } from "@/db/files"
import type { Bucket } from "./bucket"

export type Compared = { files: number; bytes: number; damaged: string[]; missing: string[] }

/** Reads objects and compares their content with the digests in their names. */
export async function compareObjects(bucket: Pick<Bucket, "read">, names: string[]): Promise<Compared> {
  const compared: Compared = { files: 0, bytes: 0, damaged: [], missing: [] }
  for (const name of names) {
    const digest = digestIn(name)
    const content = await bucket.read(name)
    if (!content) compared.missing.push(name)
    else if (digest && (await digestOf(digest.algorithm, content, (count) => (compared.bytes += count))) !== digest.hex)
      compared.damaged.push(name)
    else compared.files++
  }
  return compared
}
