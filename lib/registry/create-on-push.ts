import { requireScope, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { requireModelHardware } from "@/lib/hardware/hardware"
import { requireAbility, type AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { findCreateOnPush, setCreateOnPush as storeCreateOnPush } from "./store"

/** The hardware for models created by a push; null if pushes do not create models. */
export async function getCreateOnPush(actor: Actor, account: AccountRef): Promise<string | null> {
  requireAbility(actor, account, "create")
  return (await findCreateOnPush(account.id)) ?? null
}

/**
 * Sets the hardware for private models created by a push; null turns this off. Throws `invalid` for unavailable
 * hardware.
 */
export async function setCreateOnPush(actor: Actor, account: AccountRef, hardware: string | null): Promise<void> {
  requireScope(actor, "write")
  requireAbility(actor, account, "manage")
  const create_on_push = hardware === null ? null : (await requireModelHardware(hardware)).sku
  const event = auditEvent({
    actor,
    owner_id: account.id,
    action: "account.updated",
    subject: account.username,
    details: { create_on_push },
  })
  await writeAs(actor, { account, ability: "manage" }, (tx) => storeCreateOnPush(tx, account.id, create_on_push, event))
}
