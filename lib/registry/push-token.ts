import type { Actor } from "@/lib/auth/actor"
import { getOwnModel } from "@/lib/models/model"
import { issueToken } from "@/lib/tokens/token"

/** A token that can push to this one model and do nothing else. Throws what `getOwnModel` and `issueToken` throw. */
export async function issuePushToken(actor: Actor, owner: string, name: string): Promise<string> {
  const model = await getOwnModel(actor, owner, name)
  const { secret } = await issueToken(
    actor,
    { name: `Push to ${model.owner}/${model.name}`.slice(0, 100), scopes: ["push"] },
    { id: model.owner_id, username: model.owner },
    model.id,
  )
  return secret
}
