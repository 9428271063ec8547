import { hash } from "node:crypto"

/** A short text that changes when any of these values does. A form carries it, to tell whether what it was filled with still stands. */
export const fingerprint = (values: Record<string, string>): string => hash("sha1", JSON.stringify(Object.entries(values).sort()), "base64url")
