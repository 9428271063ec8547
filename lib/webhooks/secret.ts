import { randomBytes } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { findSecret, insertSecret } from "./store"

/**
 * What webhooks to the actor's account are signed with: made when it is first asked for, and the same ever after.
 * Clients decode the part after `whsec_` as standard base64.
 */
export async function getWebhookSecret(actor: Actor): Promise<string> {
  return (await findSecret(actor.owner_id)) ?? insertSecret(actor.owner_id, `whsec_${randomBytes(24).toString("base64")}`, now())
}
