import { createHash, randomBytes } from "node:crypto"

import { password_links } from "@/db/schema"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { hashPassword } from "@/lib/owners/password"
import { requireStrongPassword } from "@/lib/owners/password-strength"
import { Password } from "@/lib/owners/schema"
import { missing, problem } from "@/lib/problem"
import { requireAccount } from "./require-account"
import { deletePasswordLinks, findPasswordLink, insertPasswordLink, usePasswordLink } from "./password-links-store"

/** Hours for which a password link is valid. */
export const linkHours = 24

/** Creates a link for setting a new password, valid once within a day. Its secret is only in the result. */
export async function issuePasswordLink(actor: Actor, username: string): Promise<string> {
  const account = await requireAccount(actor, username)
  if (account.type !== "user" || account.disabled_at)
    throw problem("invalid", "Only an enabled user account can have a password.")
  const secret = randomBytes(24).toString("base64url")
  const link = { hash: hashOf(secret), owner_id: account.id, expires_at: fromNow(linkHours * 3600) }
  const event = auditEvent({ actor, owner_id: account.id, action: "password.reset_issued", subject: username })
  await writeAs(actor, { administrator: true }, (tx) => insertPasswordLink(tx, link, event))
  return secret
}

/** The account of a link. Throws `missing` if it was used or has expired. */
export async function getPasswordLink(secret: string): Promise<{ owner_id: number; username: string }> {
  const link = /^[\w-]{32}$/.test(secret) ? await findPasswordLink(hashOf(secret)) : undefined
  if (!link) throw missing()
  return link
}

/**
 * Sets the password and ends every session of the person. Throws what `getPasswordLink` throws, `invalid` for a weak
 * password.
 */
export async function setPasswordByLink(secret: string, password: string, address: string | null): Promise<void> {
  const { owner_id, username } = await getPasswordLink(secret)
  await requireStrongPassword(parsed(password), username)
  const hash = await hashPassword(password)
  const event = auditEvent({ actor: { owner_id, via: "web", address }, owner_id, action: "password.reset" })
  if (!(await usePasswordLink(hashOf(secret), owner_id, hash, event))) throw missing()
}

function parsed(password: string): string {
  const result = Password.safeParse(password)
  if (!result.success)
    throw problem("invalid", result.error.issues[0]!.message, { password: result.error.issues[0]!.message })
  return result.data
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")

export const passwordLinksLifecycle: AccountLifecycle = {
  tables: [password_links],
  disable: { kept: "A link opens nothing while the account is disabled." },
  close: deletePasswordLinks,
  export: { kept: "What a link opens is not ours to tell: only its hash is kept." },
}
