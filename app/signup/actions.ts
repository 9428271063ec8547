"use server"

import { redirect } from "next/navigation"

import { startSessionAs, currentClient } from "@/lib/next/session"
import { runAction } from "@/lib/next/action"
import { safeNext, textsOf } from "@/lib/next/form"
import { signUp } from "@/lib/owners/owner"
import type { SignInState } from "../signin/actions"

export async function signUpAction(_state: SignInState, form: FormData): Promise<SignInState> {
  const { password, ...values } = textsOf(form, ["username", "password", "next"])
  return runAction(values, async () => {
    const owner = await signUp({ username: values.username, password }, await currentClient())
    await startSessionAs(owner.username)
    redirect(safeNext(values.next, "/create"))
  })
}
