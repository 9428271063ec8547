import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { ownersToCreateFor } from "@/lib/organizations/organization"
import { problem } from "@/lib/problem"
import { alternatives } from "./name"
import { namesInUse } from "./name-store"
import { ModelName } from "./schema"

/** Whether a name is available. This is advice: the database decides when the model is created. */
export type Availability =
  | { status: "free" }
  | { status: "invalid"; complaint: string }
  | { status: "taken"; path: string; suggestions: string[] }

const checksPerMinute = 240

/**
 * Checks a name for an owner that the actor may create models for. Throws `forbidden` for any other, whether or not it
 * exists, so that names cannot be probed.
 */
export async function checkAvailability(
  actor: Actor,
  { owner: username, name }: { owner: string; name: string },
): Promise<Availability> {
  const owner = (await ownersToCreateFor(actor)).find((owner) => owner.username === username)
  if (!owner) throw problem("forbidden", "You cannot create models for this owner.")
  await consumeRateLimit(`name-check:${actor.owner_id}`, checksPerMinute, 60, "Too many name lookups.")

  const valid = ModelName.safeParse(name)
  if (!valid.success) return { status: "invalid", complaint: valid.error.issues[0]!.message }

  const others = alternatives(name)
  const taken = await namesInUse(owner.id, [name, ...others])
  if (!taken.has(name)) return { status: "free" }
  return {
    status: "taken",
    path: `/${owner.username}/${name}`,
    suggestions: others.filter((other) => !taken.has(other)).slice(0, 3),
  }
}
