"use server"

import { redirect } from "next/navigation"

import { requireActor, runAction } from "@/lib/next/action"
import type { FormState } from "@/lib/next/form"
import { openSink } from "@/lib/webhooks/sink"

/** Creates a sink and redirects to its page. */
export async function openSinkAction(): Promise<FormState> {
  return runAction({}, async () => {
    await openSink(await requireActor("/account/webhooks/sink"))
    redirect("/account/webhooks/sink")
  })
}
