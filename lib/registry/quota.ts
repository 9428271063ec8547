import { setting } from "@/lib/instance/setting"

export const gigabyte = 1e9

/** The bytes that the models of an account may hold together. */
export function mostBytesHeld(): number {
  const limit = setting("STORAGE_PER_ACCOUNT_GB")
  return limit === 0 ? Infinity : limit * gigabyte
}
