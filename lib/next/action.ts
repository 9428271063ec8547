import "server-only"

import { AsyncLocalStorage } from "node:async_hooks"
import { createHash } from "node:crypto"
import { headers } from "next/headers"
import { redirect, unstable_rethrow } from "next/navigation"

import type { Actor } from "@/lib/auth/actor"
import { seal, unseal } from "@/lib/auth/seal"
import { claimKey, settleKey } from "@/lib/idempotency/idempotency"
import { revisionOf, unlessChanged, type Guard } from "@/lib/revision"
import { log } from "@/lib/log"
import { originOf } from "@/lib/origin"
import { asProblem, problem, type Fields } from "@/lib/problem"
import type { FormState } from "./form"
import { currentActor, currentSecret } from "./session"

/**
 * Runs a server action: rejects other origins, runs the verb, and turns a problem into a form state that repeats what
 * was typed. Redirects pass through.
 */
export async function runAction<V extends Record<string, string>>(
  values: V,
  run: () => Promise<void>,
): Promise<FormState<V>> {
  try {
    await requireSameOrigin()
    await inAction.run(true, run)
    return { ok: true, values, detail: "", fields: {} }
  } catch (error) {
    unstable_rethrow(error)
    const refusal = asProblem(error)
    if (refusal.status >= 500) log("error", "an action failed", { error })
    return { ok: false, values, detail: headlineOf(refusal.detail, refusal.fields), fields: refusal.fields }
  }
}

/**
 * `runAction` for a form that several people may save at the same time. `run` saves with the guard it is given and
 * returns the saved values. On a conflict nothing is saved; the state carries the current values and revision, so that
 * sending the form again overwrites them.
 */
export async function runGuardedAction<V extends Record<string, string>>(
  form: FormData,
  values: V,
  run: (guard: Guard<V>) => Promise<V>,
): Promise<FormState<V>> {
  let revision = String(form.get("revision") ?? "")
  let current: V | undefined
  const guard = unlessChanged(revision, values, (now) => void (current = now))
  const state = await runAction(values, async () => void (revision = revisionOf(await run(guard))))
  return { ...state, revision: current ? revisionOf(current) : revision, current }
}

/**
 * Runs the work of a form once: a second submit with the same key and values returns the first result. A refusal is
 * not remembered; without a key, nothing is. The result may be a secret: it is stored so that only the key opens it, and
 * the key is not stored.
 */
export async function runOnce(
  actor: Actor,
  key: string,
  values: Record<string, string>,
  work: () => Promise<string>,
): Promise<string> {
  if (!/^[\w-]{16,64}$/.test(key)) return work()
  const content = createHash("sha256")
    .update(JSON.stringify([key, values]))
    .digest("hex")
  const claim = await claimKey(actor, `form:${content}`, content)
  const purpose = `result of the form ${key}`
  if ("body" in claim) return unseal(claim.body, purpose) ?? work()
  try {
    const result = await work()
    await settleKey(claim, { status: 201, headers: {}, body: seal(result, purpose) })
    return result
  } catch (error) {
    await settleKey(claim, { status: 500, headers: {}, body: "" })
    throw error
  }
}

/**
 * The actor; redirects visitors to sign-in and back to `next`. The sign-in page says that the session ended if the
 * browser has a session cookie or has submitted one of our forms.
 */
export async function requireActor(next: string): Promise<Actor> {
  const actor = await currentActor()
  if (actor) return actor
  const ended = inAction.getStore() === true || (await currentSecret()) !== null
  redirect(`/signin?next=${encodeURIComponent(next)}${ended ? "&ended=1" : ""}`)
}

/** Set while an action runs. */
const inAction = new AsyncLocalStorage<true>()

/**
 * `requireActor` for forms that one types in: with scripts, throws `unauthenticated` with advice instead of redirecting,
 * so that the form stays.
 */
export async function requireActorForForm(next: string): Promise<Actor> {
  const actor = await currentActor()
  if (!actor && (await headers()).has("next-action"))
    throw problem(
      "unauthenticated",
      "You are signed out. Sign in in another tab, then submit again: what you typed is still here.",
    )
  return actor ?? requireActor(next)
}

/** Browsers always send the origin of a form post. A foreign, missing or "null" origin is not from our pages. */
export async function requireSameOrigin() {
  const bag = await headers()
  if (bag.get("origin") !== originOf(bag))
    throw problem("forbidden", "This request came from another site. Reload the page and try again.")
}

/** Errors are shown beside their fields, so the headline does not repeat them. */
const headlineOf = (detail: string, fields: Fields) => {
  const count = Object.keys(fields).length
  return count ? `Check ${count === 1 ? "the field" : `the ${count} fields`} below.` : detail
}
