import { randomBytes } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { seal, unseal } from "@/lib/auth/seal"
import { now } from "@/lib/clock"
import { findKey, insertKey, listKeysLike, replaceKey } from "./store"

const purpose = (owner_id: number) => `webhook secret of ${owner_id}`

/**
 * What webhooks to the actor's account are signed with: made when it is first asked for, and the same ever after, as long as the
 * instance keeps its own secret, with which it is sealed. Clients decode the part after `whsec_` as standard base64.
 */
export async function getWebhookSecret({ owner_id }: Pick<Actor, "owner_id">): Promise<string> {
  const kept = await findKey(owner_id)
  const secret = kept && unseal(kept, purpose(owner_id))
  if (secret) return secret

  const fresh = seal(`whsec_${randomBytes(24).toString("base64")}`, purpose(owner_id))
  if (kept) await replaceKey(owner_id, kept, fresh)
  else await insertKey(owner_id, fresh, now())
  // Somebody else's, if they were quicker.
  return unseal((await findKey(owner_id))!, purpose(owner_id))!
}

/** Seals what a release kept in the clear that did not know better. */
export async function sealOldSecrets(): Promise<void> {
  for (const { owner_id, key } of await listKeysLike("whsec_%"))
    await replaceKey(owner_id, key, seal(key, purpose(owner_id)))
}
