"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { addExample, chooseDefaultExample, moveExample, removeExample } from "@/lib/predictions/example"
import { problem } from "@/lib/problem"

/** Adds, moves or removes an example of a model, or makes it the default; redirects to the examples. */
export async function changeExamplesAction(_state: FormState, form: FormData): Promise<FormState> {
  const { owner, name, id, change } = textsOf(form, ["owner", "name", "id", "change"])
  const page = `/${owner}/${name}/examples`
  return runAction({ id }, async () => {
    const actor = await requireActor(page)
    if (change === "add") await addExample(actor, owner, name, idIn(id))
    else if (change === "up") await moveExample(actor, owner, name, id, "first")
    else if (change === "down") await moveExample(actor, owner, name, id, "last")
    else if (change === "default") await chooseDefaultExample(actor, owner, name, id)
    else if (change === "remove") await removeExample(actor, owner, name, id)
    else throw problem("invalid", "There is no such change.")
    redirect(page)
  })
}

/** The ID of a prediction, from its ID or the URL of its page. */
const idIn = (text: string) => text.trim().replace(/^.*\/p\/|[?#/].*$/g, "")
