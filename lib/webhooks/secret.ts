import { randomBytes } from "node:crypto"

import { requireAbility, type AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { seal, unseal } from "@/lib/auth/seal"
import { fromNow, now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { findKey, findKeys, insertKey, listKeysLike, replaceKey, rotateKey } from "./store"

const purpose = (owner_id: number) => `webhook secret of ${owner_id}`

/** Hours during which the previous secret stays valid. */
const graceHours = 24

const newSecret = (owner_id: number) => seal(`whsec_${randomBytes(24).toString("base64")}`, purpose(owner_id))

/**
 * The signing secret of the actor's account: created on first use, and encrypted with the installation's own secret.
 * Clients decode the part after `whsec_` as standard base64.
 */
export async function getWebhookSecret({ owner_id }: Pick<Actor, "owner_id">): Promise<string> {
  const stored = await findKey(owner_id)
  const secret = stored && unseal(stored, purpose(owner_id))
  if (secret) return secret

  const fresh = newSecret(owner_id)
  if (stored) await replaceKey(owner_id, stored, fresh)
  else await insertKey(owner_id, fresh, now())
  // Another process may have inserted one first.
  return unseal((await findKey(owner_id))!, purpose(owner_id))!
}

/** The current signing secrets of an account: its secret, and for a day after a rotation the previous one. */
export async function signingSecrets(owner_id: number): Promise<string[]> {
  const secret = await getWebhookSecret({ owner_id })
  const { previous_key, rotated_at } = (await findKeys(owner_id)) ?? {}
  if (!previous_key || !rotated_at || rotated_at < fromNow(-graceHours * 3600)) return [secret]
  const previous = unseal(previous_key, purpose(owner_id))
  return previous ? [secret, previous] : [secret]
}

/**
 * The secret of an account and when the previous one expires, for those who manage its tokens. Throws what
 * `requireAbility` throws.
 */
export async function showWebhookSecret(
  actor: Actor,
  account: AccountRef,
): Promise<{ secret: string; previous_until: string | null }> {
  requireAbility(actor, account, "tokens")
  const secret = await getWebhookSecret({ owner_id: account.id })
  const { rotated_at } = (await findKeys(account.id)) ?? {}
  const until = rotated_at ? Date.parse(rotated_at) + graceHours * 3600_000 : 0
  return { secret, previous_until: until > Date.now() ? new Date(until).toISOString() : null }
}

/**
 * Rotates the secret. For a day webhooks are signed with both, so that receivers can be updated one by one. Throws what
 * `requireAbility` throws.
 */
export async function rotateWebhookSecret(actor: Actor, account: AccountRef): Promise<void> {
  requireAbility(actor, account, "tokens")
  await getWebhookSecret({ owner_id: account.id })
  const key = newSecret(account.id)
  await writeAs(actor, { account, ability: "tokens" }, (tx) =>
    rotateKey(
      tx,
      account.id,
      key,
      now(),
      auditEvent({ actor, owner_id: account.id, action: "webhook_secret.rotated" }),
    ),
  )
}

/** Encrypts secrets that an earlier release stored in plain text. */
export async function sealOldSecrets(): Promise<void> {
  for (const { owner_id, key } of await listKeysLike("whsec_%"))
    await replaceKey(owner_id, key, seal(key, purpose(owner_id)))
}
