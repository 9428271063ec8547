import "server-only"

import type { Actor } from "@/lib/auth/actor"
import { log } from "@/lib/log"
import { asProblem, problem } from "@/lib/problem"
import { currentActor } from "./session"

/** Answers a fetch of our own pages: runs the verb as the signed-in user and returns JSON, errors included. */
export const respondWithJson = (run: (actor: Actor) => Promise<unknown>): Promise<Response> =>
  respondToAnyone((actor) => {
    if (!actor) throw problem("unauthenticated", "Sign in first.")
    return run(actor)
  })

/** `respondWithJson` for requests that visitors may make too. */
export async function respondToAnyone(run: (actor: Actor | null) => Promise<unknown>): Promise<Response> {
  const headers = { "cache-control": "no-store" }
  try {
    return Response.json(await run(await currentActor()), { headers })
  } catch (error) {
    const { status, title, detail, retryAfter } = asProblem(error)
    if (status >= 500) log("error", "a page's request failed", { error })
    return Response.json(
      { title, detail, status },
      { status, headers: { ...headers, ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }) } },
    )
  }
}
