import type { Actor } from "@/lib/auth/actor"
import { getEditableModel, type Model } from "@/lib/models/model"
import { hasTokenFor, issueToken } from "@/lib/tokens/token"

/**
 * Creates a token of the model's owner that can only push to and pull from this model. Throws what `getEditableModel`
 * and `issueToken` throw.
 */
export async function issuePushToken(actor: Actor, owner: string, name: string): Promise<string> {
  const model = await getEditableModel(actor, owner, name)
  const { secret } = await issueToken(
    actor,
    { name: `Push to ${model.owner}/${model.name}`.slice(0, 100), scopes: ["push"] },
    { id: model.owner_id, username: model.owner },
    model.id,
  )
  return secret
}

/** Whether the model's owner has a usable token that was made for this model. */
export const hasPushToken = ({ id, owner_id }: Pick<Model, "id" | "owner_id">): Promise<boolean> =>
  hasTokenFor(owner_id, id)
