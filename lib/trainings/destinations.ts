import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { listModelsOf } from "@/lib/models/model"
import { ownerChoices } from "@/lib/organizations/organization"

/** Limit for each account; other models can be named through the API. */
const most = 200

/**
 * The models the actor may use as destinations, as `owner/name`: its own, and those of organizations for which it may
 * push.
 */
export async function listDestinations(actor: Actor): Promise<string[]> {
  const names: string[] = []
  for (const { owner } of await ownerChoices(actor)) {
    if (!may(actor, "edit", owner.id)) continue
    const { rows } = await listModelsOf(actor, owner, undefined, most)
    names.push(...rows.map(({ name }) => `${owner.username}/${name}`))
  }
  return names
}
