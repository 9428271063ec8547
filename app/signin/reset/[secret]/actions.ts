"use server"

import { redirect } from "next/navigation"

import { currentClient } from "@/lib/next/session"
import { runAction } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { setPasswordByLink } from "@/lib/accounts/password-links"

export async function setPasswordAction(_state: FormState, form: FormData): Promise<FormState> {
  const { secret, password } = textsOf(form, ["secret", "password"])
  return runAction({}, async () => {
    await setPasswordByLink(secret, password, (await currentClient()).address)
    redirect("/signin?reset=1")
  })
}
