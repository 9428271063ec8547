import type { Db } from "@/db"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { createModel, getModel, type Model } from "@/lib/models/model"
import { canEdit, canSee } from "@/lib/models/policy"
import { ModelName } from "@/lib/models/schema"
import { lockModel, writeModelAs, type LockedModel } from "@/lib/models/write"
import { nullIfNotFound, Problem, problem } from "@/lib/problem"
import { findCreateOnPush } from "./store"

/** The caller of the registry, and the origin it used, for links in error messages. */
export type Caller = { actor: Actor | null; origin: string }

const repository = "name"

/** The model to pull from. To those who may not see it, a private model looks like a missing one. */
export async function pullableModel({ actor }: Caller, owner: string, name: string): Promise<Model> {
  const model = await findVisible(actor && readerOf(actor), owner, name)
  if (model && maySee(actor, model)) return model
  const detail = actor
    ? `There is no model ${owner}/${name}.`
    : `${owner}/${name} does not exist or is private. Sign in to access it.`
  throw problem(actor ? "missing" : "unauthenticated", detail, { [repository]: detail })
}

/**
 * The model to push to. Throws `unauthenticated` without an actor, `forbidden` without the scope or for somebody else's
 * model, and `missing` if the model does not exist or is not visible, unless its owner allows pushes to create models.
 */
export async function pushableModel({ actor, origin }: Caller, owner: string, name: string): Promise<Model> {
  if (!actor)
    throw problem(
      "unauthenticated",
      "Sign in to push: use docker login with your username and an API token as the password.",
    )
  requireScope(actor, "push")
  const model = (await findVisible(actor, owner, name)) ?? (await createdByPush(actor, owner, name))
  if (!model) throw unknownModel({ actor, origin }, owner, name)
  requireCanPush(actor, origin, model)
  return model
}

function requireCanPush(actor: Actor, origin: string, model: LockedModel): void {
  requireScope(actor, "push")
  const { owner, name } = model
  // Checked first: a token for one model must not reveal whether other private models exist.
  if (!mayRead(actor, model)) throw unknownModel({ actor, origin }, owner, name)
  if (actor.model_id !== undefined && actor.model_id !== model.id)
    throw problem("forbidden", `This token is not valid for ${owner}/${name}.`)
  if (!canEdit(actor, model))
    throw problem(
      "forbidden",
      `You are signed in as ${actor.username}, who cannot push to ${owner}/${name}. Sign in with an API token of ${owner}.`,
    )
}

/** A write that is part of a push. Throws what `pushableModel` throws if the caller has lost the right to push. */
export const writePush = <T>(
  { actor, origin }: Caller,
  model: Model,
  fn: (tx: Db, actor: Actor) => Promise<T>,
): Promise<T> =>
  writeModelAs(
    actor!,
    model,
    (current, now) => requireCanPush(current, origin, now),
    (tx, _now, current) => fn(tx, current),
  )

/** Whether the caller's token may read a model, as of a transaction. */
export async function isPullableNow(tx: Db, actor: Actor, { id }: Pick<Model, "id">): Promise<boolean> {
  const model = await lockModel(tx, id)
  return model !== undefined && mayRead(readerOf(actor), model)
}

const mayRead = (actor: Actor | null, model: LockedModel) => canSee(actor, model) && maySee(actor, model)

/**
 * A step of a push. If it fails because the model was deleted meanwhile, throws `missing` as for a model that never
 * existed.
 */
export async function withPushableModel<T>(
  caller: Caller,
  owner: string,
  name: string,
  step: (model: Model) => Promise<T>,
): Promise<T> {
  const model = await pushableModel(caller, owner, name)
  try {
    return await step(model)
  } catch (error) {
    if ((await findVisible(caller.actor, owner, name))?.id === model.id) throw error
    throw unknownModel(caller, owner, name)
  }
}

// Versions of Cog look for either "NAME_UNKNOWN" or "404" in this message.
function unknownModel({ actor, origin }: Caller, owner: string, name: string): Problem {
  const valid = ModelName.safeParse(name)
  if (!valid.success) {
    const detail = `${name} is not a valid model name. ${valid.error.issues[0]!.message}`
    return problem("invalid", detail, { [repository]: detail })
  }
  const advice =
    actor && actor.username !== owner
      ? ` that ${actor.username} can push to, and you are signed in as ${actor.username}. Sign in with an API token of ${owner} (docker login ${new URL(origin).host} -u ${owner}), or push to ${actor.username}/${name}.`
      : `; create it at ${origin}/create?owner=${owner}&name=${name}`
  const detail = `NAME_UNKNOWN (404): there is no model ${owner}/${name}${advice}`
  return problem("missing", detail, { [repository]: detail })
}

/** Whether a push would be accepted, without creating anything. */
export async function mayPush(actor: Actor | null, owner: string, name: string): Promise<boolean> {
  if (!actor?.scopes.includes("push")) return false
  const model = await findVisible(actor, owner, name)
  if (!model) return (await creatableByPush(actor, owner, name)) !== undefined
  return canEdit(actor, model) && (actor.model_id === undefined || actor.model_id === model.id)
}

/** A token with the push scope may read what it pushes to; one with only write access sees public models only. */
const readerOf = (actor: Actor) => (actor.scopes.some((scope) => scope === "read" || scope === "push") ? actor : null)

const maySee = (actor: Actor | null, model: LockedModel) =>
  actor?.model_id === undefined || actor.model_id === model.id || model.visibility === "public"

const findVisible = (actor: Actor | null, owner: string, name: string): Promise<Model | null> =>
  nullIfNotFound(getModel(actor, owner, name))

/** The hardware for a model created by this push; undefined if the push may not create one. */
async function creatableByPush(actor: Actor, owner: string, name: string): Promise<string | undefined> {
  if (actor.username !== owner || actor.model_id !== undefined || !ModelName.safeParse(name).success) return undefined
  return findCreateOnPush(actor.owner_id)
}

async function createdByPush(actor: Actor, owner: string, name: string): Promise<Model | null> {
  const hardware = await creatableByPush(actor, owner, name)
  if (hardware === undefined) return null
  try {
    // The owner's opt-in makes the push scope sufficient.
    return await createModel(
      { ...actor, scopes: ["read", "write", "push"] },
      { owner, name, visibility: "private", hardware },
    )
  } catch (error) {
    // Layers are pushed in parallel: another request may have created the model.
    if (error instanceof Problem && error.kind === "conflict") return findVisible(actor, owner, name)
    throw error
  }
}
