import "server-only"

import { currentActor } from "@/lib/auth/session"
import type { Actor } from "@/lib/auth/actor"
import { log } from "@/lib/log"
import { asProblem, problem } from "@/lib/problem"

/** The way into what our own pages fetch: runs the verb as whoever is signed in and answers JSON, refusals included. */
export async function answerJson(run: (actor: Actor) => Promise<unknown>): Promise<Response> {
  const headers = { "cache-control": "no-store" }
  try {
    const actor = await currentActor()
    if (!actor) throw problem("unauthenticated", "Sign in first.")
    return Response.json(await run(actor), { headers })
  } catch (error) {
    const { status, title, detail, retryAfter } = asProblem(error)
    if (status >= 500) log("error", "a page's request failed", { error })
    return Response.json({ title, detail, status }, { status, headers: { ...headers, ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }) } })
  }
}
