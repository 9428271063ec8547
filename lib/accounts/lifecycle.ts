import type { Db } from "@/db"
import type { Actor } from "@/lib/auth/actor"
import { deploymentsLifecycle } from "@/lib/deployments/lifecycle"
import { eventsLifecycle } from "@/lib/events/lifecycle"
import { filesLifecycle } from "@/lib/files/lifecycle"
import { hardwareLifecycle } from "@/lib/hardware/lifecycle"
import { idempotencyLifecycle } from "@/lib/idempotency/lifecycle"
import { imagesLifecycle } from "@/lib/images/lifecycle"
import type { AccountLifecycle, RoleChange } from "@/lib/lifecycle"
import { modelsLifecycle } from "@/lib/models/lifecycle"
import { organizationsLifecycle } from "@/lib/organizations/lifecycle"
import { administratorLifecycle, ownersLifecycle } from "@/lib/owners/lifecycle"
import { poolsLifecycle } from "@/lib/pools/lifecycle"
import { batchesLifecycle } from "@/lib/batches/lifecycle"
import { predictionsLifecycle } from "@/lib/predictions/lifecycle"
import { registryLifecycle } from "@/lib/registry/lifecycle"
import { sessionsLifecycle } from "@/lib/sessions/lifecycle"
import { tokensLifecycle } from "@/lib/tokens/lifecycle"
import { transfersLifecycle } from "@/lib/transfers/lifecycle"
import { twoFactorLifecycle } from "@/lib/two-factor/lifecycle"
import { usageLifecycle } from "@/lib/usage/lifecycle"
import { webhooksLifecycle } from "@/lib/webhooks/lifecycle"
import { passwordLinksLifecycle } from "./password-links"

/** Every noun with rows of accounts, in the order in which blockers and exports are shown. */
export const lifecycles: AccountLifecycle[] = [
  ownersLifecycle,
  twoFactorLifecycle,
  passwordLinksLifecycle,
  modelsLifecycle,
  tokensLifecycle,
  sessionsLifecycle,
  organizationsLifecycle,
  eventsLifecycle,
  transfersLifecycle,
  deploymentsLifecycle,
  predictionsLifecycle,
  batchesLifecycle,
  filesLifecycle,
  webhooksLifecycle,
  poolsLifecycle,
  usageLifecycle,
  imagesLifecycle,
  registryLifecycle,
  idempotencyLifecycle,
  hardwareLifecycle,
  administratorLifecycle,
]

/** Everything that prevents the deletion of an account, each as a sentence. */
export async function blockersOf(db: Db, account_id: number): Promise<string[]> {
  const all: string[] = []
  for (const { blockers } of lifecycles) if (blockers) all.push(...(await blockers(db, account_id)))
  return all
}

/** Runs every noun's part of the write that disables or deletes an account. */
export async function runLifecycles(tx: Db, what: "disable" | "close", account_id: number, at: string): Promise<void> {
  for (const { [what]: part } of lifecycles) if (typeof part === "function") await part(tx, account_id, at)
}

/** Ends what a role no longer allows, in every noun. Returns details for the audit event. */
export async function endWithRole(tx: Db, change: RoleChange): Promise<Record<string, number>> {
  const details: Record<string, number> = {}
  for (const { changeRole } of lifecycles) Object.assign(details, await changeRole?.(tx, change))
  return details
}

/** The exports of all nouns, in order. */
export async function exportsOf(actor: Actor, origin: string): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const { export: part } of lifecycles)
    if (typeof part === "function") Object.assign(all, await part(actor, origin))
  return all
}
