import { createHmac, timingSafeEqual } from "node:crypto"

import { authSecret } from "@/lib/auth/secret"
import { isId } from "@/lib/id"

// Derived, so that nothing has to be kept: an address that nobody can guess who was not given it.
const sealOf = (id: string) =>
  createHmac("sha256", authSecret()).update(`understudy stream of ${id}`).digest("base64url").slice(0, 24)

/** The part of the address of a prediction's event stream that lets anybody watch who has it. */
export const streamSecretOf = (id: string): string => `${id}${sealOf(id)}`

/** The id of the prediction that a stream's secret is for; undefined for anything that is none of ours. */
export function predictionOfStream(secret: string): string | undefined {
  const [id, seal] = [secret.slice(0, 26), secret.slice(26)]
  if (!isId(id)) return undefined
  const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(id))]
  return given.length === right.length && timingSafeEqual(given, right) ? id : undefined
}
