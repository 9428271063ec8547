import { eq } from "drizzle-orm"

import { write } from "@/db"
import { owners } from "@/db/schema"
import { now } from "@/lib/clock"
import type { SignInInput } from "@/lib/owners/schema"
import type { Visitor } from "@/lib/sessions/session"
import { signIn } from "@/lib/sign-in/sign-in"

/** Closes an account as an administrator will: its name stays, everything else of it stops. */
export async function closeAccount(username: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(owners).set({ disabled_at: now() }).where(eq(owners.username, username))
  })
}

/** The secret of a session of somebody who signs in in one step. */
export async function signedIn(input: SignInInput, visitor: Visitor): Promise<string> {
  const admission = await signIn(input, visitor)
  if ("challenge" in admission) throw new Error(`${input.username} is asked for a code.`)
  return admission.secret
}
