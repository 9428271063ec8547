import { eq } from "drizzle-orm"

import { write } from "@/db"
import { owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { exportAccount } from "@/lib/accounts/export"
import type { Actor } from "@/lib/auth/actor"
import type { SignInInput } from "@/lib/owners/schema"
import type { SignInClient } from "@/lib/sessions/session"
import { signIn } from "@/lib/sign-in/sign-in"

/** Disables an account in its row, without the other effects of disabling. */
export async function disableAccountRow(username: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(owners).set({ disabled_at: now() }).where(eq(owners.username, username))
  })
}

/** Signs in without a code and returns the secret of the session. */
export async function signedIn(input: SignInInput, visitor: SignInClient): Promise<string> {
  const admission = await signIn(input, visitor)
  if ("challenge" in admission) throw new Error(`${input.username} is asked for a code.`)
  return admission.secret
}

/** The complete data export of an account. */
export async function exported(actor: Actor, origin: string): Promise<Record<string, unknown>> {
  let text = ""
  for await (const piece of await exportAccount(actor, origin)) text += piece
  return JSON.parse(text) as Record<string, unknown>
}
