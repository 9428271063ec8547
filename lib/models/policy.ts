import type { Actor } from "@/lib/auth/actor"
import type { Model } from "./store"

/** A public model is everybody's to see; a private one its owner's only. */
export const canSee = (actor: Actor | null, model: Pick<Model, "owner_id" | "visibility">): boolean => model.visibility === "public" || canEdit(actor, model)

export const canEdit = (actor: Actor | null, model: Pick<Model, "owner_id">): boolean => actor !== null && actor.owner_id === model.owner_id
