import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { may } from "@/lib/access/policy"
import type { Availability } from "@/lib/models/availability"
import { alternatives } from "@/lib/models/name"
import { ModelName } from "@/lib/models/schema"
import { ownerChoices } from "@/lib/organizations/organization"
import { problem } from "@/lib/problem"
import { namesInUse } from "./store"

const checksPerMinute = 240

/**
 * Whether a name is free for a deployment of an account; creating it can still fail. Throws `forbidden` for accounts
 * that the actor may not deploy for, whether or not they exist, so that names cannot be probed.
 */
export async function checkDeploymentName(
  actor: Actor,
  { owner: username, name }: { owner: string; name: string },
): Promise<Availability> {
  const owner = (await ownerChoices(actor)).map((one) => one.owner).find((one) => one.username === username)
  if (!owner || !may(actor, "deploy", owner.id))
    throw problem("forbidden", "You cannot create deployments for this owner.")
  await consumeRateLimit(`name-check:${actor.owner_id}`, checksPerMinute, 60, "Too many name lookups.")

  const valid = ModelName.safeParse(name)
  if (!valid.success) return { status: "invalid", complaint: valid.error.issues[0]!.message }

  const others = alternatives(name)
  const taken = await namesInUse(owner.id, [name, ...others])
  if (!taken.has(name)) return { status: "free" }
  return {
    status: "taken",
    path: `/deployments/${owner.username}/${name}`,
    suggestions: others.filter((other) => !taken.has(other)).slice(0, 3),
  }
}
