import type { Db } from "@/db"
import { setting } from "@/lib/settings/setting"
import { bytesHeldBy } from "./blob-store"
import { bytesUploading } from "./upload-store"

export const gigabyte = 1e9

/** The storage limit of every account in bytes; Infinity without one. */
export function storageLimit(): number {
  const limit = setting("STORAGE_PER_ACCOUNT_GB")
  return limit === 0 ? Infinity : limit * gigabyte
}

/** The error for a push that exceeds the quota. */
export const storageUsedUpMessage = (owner: string): string => {
  const limit = setting("STORAGE_PER_ACCOUNT_GB")
  return limit === 0
    ? `${owner} has too many manifests. Delete unused versions and other manifests.`
    : `${owner} may store ${limit} GB, and this would exceed it. Delete unused versions, or ask the operator to raise STORAGE_PER_ACCOUNT_GB.`
}

/** The stored bytes of an account, read within `tx` if given. */
export const bytesHeld = (owner_id: number, tx?: Db): Promise<number> => bytesHeldBy(owner_id, tx)

/**
 * The remaining quota of an account in bytes, according to the database: the limit minus stored data and received parts
 * of unfinished uploads.
 */
export async function storageLeft(owner_id: number): Promise<number> {
  const most = storageLimit()
  return most === Infinity ? Infinity : most - (await bytesHeldBy(owner_id)) - (await bytesUploading(owner_id))
}
