"use server"

import { redirect } from "next/navigation"

import { currentClient, startSession, startSessionAs } from "@/lib/next/session"
import { runAction } from "@/lib/next/action"
import { safeNext, textsOf } from "@/lib/next/form"
import { hasJustSignedUp, signUp } from "@/lib/owners/owner"
import type { SignInState } from "../signin/actions"

export async function signUpAction(_state: SignInState, form: FormData): Promise<SignInState> {
  const { password, ...values } = textsOf(form, ["username", "password", "next"])
  const typed = { username: values.username, password }
  return runAction(values, async () => {
    try {
      const owner = await signUp(typed, await currentClient())
      await startSessionAs(owner.username)
    } catch (error) {
      // Before the page's scripts run, a double click sends the form twice: the second time, this signs in.
      if (!(await hasJustSignedUp(typed.username)) || !(await startSession(typed).catch(() => false))) throw error
    }
    redirect(safeNext(values.next, "/create"))
  })
}
