"use server"

import { redirect } from "next/navigation"

import { requireActor, runAction } from "@/lib/next/action"
import type { FormState } from "@/lib/next/form"
import { openSink } from "@/lib/webhooks/sink"

/** Makes a new temporary address, and comes back to the page that shows it. */
export async function openSinkAction(): Promise<FormState> {
  return runAction({}, async () => {
    await openSink(await requireActor("/account/webhooks/sink"))
    redirect("/account/webhooks/sink")
  })
}
