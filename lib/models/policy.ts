import type { Actor } from "@/lib/auth/actor"
import { may } from "@/lib/access/policy"
import type { Model } from "./row"

type Owned = Pick<Model, "owner_id">

/** Everybody may see a public model; a private one only its owner, or the members of an organization. */
export const canSee = (actor: Actor | null, model: Owned & Pick<Model, "visibility">): boolean =>
  model.visibility === "public" || may(actor, "see", model.owner_id)

/** Whether an actor may push to a model and edit its details and hardware. */
export const canEdit = (actor: Actor | null, model: Owned): boolean => may(actor, "edit", model.owner_id)

/** Whether an actor may change a model's visibility, name and owner, and delete it. */
export const canManage = (actor: Actor | null, model: Owned): boolean => may(actor, "manage", model.owner_id)
