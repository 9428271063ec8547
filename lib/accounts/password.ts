import { requirePerson } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { requirePassword } from "@/lib/owners/confirm-password"
import { hashPassword } from "@/lib/owners/password"
import { requireStrongPassword } from "@/lib/owners/password-strength"
import { ChangePasswordInput } from "@/lib/owners/schema"
import { idOf } from "@/lib/sessions/session"
import { replacePassword } from "./password-store"

/**
 * Changes the actor's password and signs out all other browsers; an account without one gets its first. Throws
 * `invalid` for a wrong current password, `throttled` for too many attempts, and what `requireStrongPassword` throws.
 */
export async function changePassword(actor: Actor, input: ChangePasswordInput, secret: string | null): Promise<void> {
  requirePerson(actor)
  const { current, password } = ChangePasswordInput.parse(input)
  await requirePassword(actor, current, "current")
  await requireStrongPassword(password, actor.username)
  const hash = await hashPassword(password)
  const kept = secret === null ? null : idOf(secret)
  const event = auditEvent({ actor, owner_id: actor.owner_id, action: "password.changed" })
  await writeAs(actor, { scope: "write" }, (tx) => replacePassword(tx, actor.owner_id, hash, kept, event))
}
