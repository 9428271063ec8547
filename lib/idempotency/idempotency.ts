import { randomUUID } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import type { Job } from "@/lib/jobs/job"
import { problem } from "@/lib/problem"
import { deleteExpiredKeys, deleteKey, findKey, takeKey, updateKey, type Holder } from "./store"

/** A stored response. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

/** The right to do the work of a key, until `settleKey` ends it. */
export type Claim = Holder & { alive: NodeJS.Timeout }

const retentionSeconds = 24 * 3600
/** A claim that is not renewed for this long belongs to a process that has died. */
const leaseSeconds = 15
const longestWait = 30

/**
 * Claims a key for the first request with it; later ones get its response, and wait for it if necessary. `request`
 * identifies the request. Throws `unreadable` for a malformed key, `unprocessable` if the key was used for another
 * request, and a retryable `conflict` if the first request takes too long.
 */
export async function claimKey(actor: Actor, key: string, request: string): Promise<Claim | Answer> {
  if (key.length < 1 || key.length > 255) throw problem("unreadable", "An Idempotency-Key has 1 to 255 characters.")

  const giveUp = Date.now() + longestWait * 1000
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    const row = await findKey(actor.owner_id, key)
    const inForce = row && row.expires_at > fromNow(0)
    if (inForce && row.request !== request)
      throw problem(
        "unprocessable",
        "This Idempotency-Key was used for another request. Use a new key for every new request.",
      )
    if (inForce && row.status !== null) return { status: row.status, headers: row.headers ?? {}, body: row.body ?? "" }

    if (!inForce || row.claimed_until < fromNow(0)) {
      const claim = await take({ owner_id: actor.owner_id, key, claim: randomUUID() }, request)
      if (claim) return claim
    } else {
      if (Date.now() > giveUp)
        throw problem(
          "conflict",
          "The first request with this Idempotency-Key is still running. Try again shortly.",
          {},
          5,
        )
      await new Promise((resume) => setTimeout(resume, pause))
    }
  }
}

async function take(holder: Holder, request: string): Promise<Claim | undefined> {
  const taken = await takeKey(
    { ...holder, request, claimed_until: fromNow(leaseSeconds), expires_at: fromNow(retentionSeconds) },
    fromNow(0),
  )
  if (!taken) return undefined
  const renew = () => updateKey(holder, { claimed_until: fromNow(leaseSeconds) }).catch(() => {})
  return { ...holder, alive: setInterval(renew, (leaseSeconds / 3) * 1000).unref() }
}

/** Stores the response for a day. After a temporary failure (5xx, 429, 401), frees the key for a retry instead. */
export async function settleKey({ alive, ...holder }: Claim, answer: Answer): Promise<void> {
  clearInterval(alive)
  if (answer.status >= 500 || answer.status === 429 || answer.status === 401) await deleteKey(holder)
  else await updateKey(holder, answer)
}

/** Frees space: expired rows are ignored anyway. */
export const forgetKeysJob: Job = {
  name: "idempotency-keys",
  every: 600,
  by: "installation",
  run: () => deleteExpiredKeys(fromNow(0)),
}
