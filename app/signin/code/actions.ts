"use server"

import { redirect } from "next/navigation"

import { finishSession, pendingSignIn } from "@/lib/next/session"
import { runAction } from "@/lib/next/action"
import { safeNext, textsOf, type FormState } from "@/lib/next/form"

export async function enterCodeAction(_state: FormState, form: FormData): Promise<FormState> {
  const { code, next } = textsOf(form, ["code", "next"])
  return runAction({}, async () => {
    if (!(await pendingSignIn())) redirect(`/signin?${new URLSearchParams({ late: "1", next: safeNext(next) })}`)
    await finishSession(code)
    redirect(safeNext(next))
  })
}
