import { write, type Db } from "@/db"
import { reloadActor } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import { lockModel, type LockedModel } from "./lock-store"
import type { Model } from "./row"

export { lockModel, type LockedModel }

/** Throws unless the actor may change the model, given the current rows of both. */
export type Check = (actor: Actor, model: LockedModel) => void

/**
 * `writeAs` for a change to a model or to something that belongs to it: the same transaction reads the model's owner
 * and visibility again, and `check` decides by them. Throws `unauthenticated` as `writeAs`, `missing` if the model was
 * deleted or changed hands, and what `check` throws.
 */
export const writeModelAs = <T>(
  actor: Actor,
  model: Pick<Model, "id" | "owner_id">,
  check: Check,
  fn: (tx: Db, now: LockedModel, actor: Actor) => Promise<T>,
): Promise<T> =>
  write(async (tx) => {
    const [current, now] = await Promise.all([reloadActor(tx, actor), lockModel(tx, model.id)])
    if (now?.owner_id !== model.owner_id) throw missing()
    check(current, now)
    return fn(tx, now, current)
  }, `model ${model.id}`)
