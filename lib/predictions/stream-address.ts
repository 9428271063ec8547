import { createHmac, timingSafeEqual } from "node:crypto"

import { authSecret } from "@/lib/auth/secret"
import { isId } from "@/lib/id"

// Derived, not stored: unguessable without the installation's secret.
const sealOf = (id: string) =>
  createHmac("sha256", authSecret()).update(`understudy stream of ${id}`).digest("base64url").slice(0, 24)

/** The secret in a stream URL; whoever has the URL can watch the prediction. */
export const streamSecretOf = (id: string): string => `${id}${sealOf(id)}`

/** The prediction ID in a stream secret; undefined if it is not valid. */
export function predictionOfStream(secret: string): string | undefined {
  const [id, seal] = [secret.slice(0, 26), secret.slice(26)]
  if (!isId(id)) return undefined
  const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(id))]
  return given.length === right.length && timingSafeEqual(given, right) ? id : undefined
}
