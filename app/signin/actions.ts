"use server"

import { redirect } from "next/navigation"

import { secondStep, startSession, stopSession } from "@/lib/next/session"
import { runAction } from "@/lib/next/action"
import { clearSiteData } from "@/lib/next/page"
import { safeNext, textsOf, type FormState } from "@/lib/next/form"

export type SignInState = FormState<{ username: string; next: string }>

export async function signInAction(_state: SignInState, form: FormData): Promise<SignInState> {
  const { password, ...values } = textsOf(form, ["username", "password", "next"])
  return runAction(values, async () => {
    const next = safeNext(values.next)
    redirect((await startSession({ username: values.username, password })) ? next : secondStep(next))
  })
}

export async function signOutAction(): Promise<void> {
  await runAction({}, async () => {
    await stopSession()
    clearSiteData()
    redirect("/")
  })
}
