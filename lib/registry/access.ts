import type { Db } from "@/db"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { createModel, getModel, type Model } from "@/lib/models/model"
import { canEdit, canSee } from "@/lib/models/policy"
import { ModelName } from "@/lib/models/schema"
import { findModelNow, writeModelAs, type ModelNow } from "@/lib/models/write"
import { Problem, problem } from "@/lib/problem"
import { findCreateOnPush } from "./store"

/** Who asks the registry, and where it is reached, for a refusal that tells where to go. */
export type Caller = { actor: Actor | null; origin: string }

const repository = "name"

/** The model to read from. To those who may not see it, a private one is as unknown as one that never was. */
export async function pullableModel({ actor }: Caller, owner: string, name: string): Promise<Model> {
  const model = await findVisible(actor && readerOf(actor), owner, name)
  if (model && maySee(actor, model)) return model
  const detail = actor
    ? `There is no model ${owner}/${name}.`
    : `${owner}/${name} does not exist or is private. Sign in to access it.`
  throw problem(actor ? "missing" : "unauthenticated", detail, { [repository]: detail })
}

/**
 * The model to push to. Throws `unauthenticated` to a stranger, `forbidden` without the scope and for somebody else's model, `missing`
 * for one that is not there or not to be seen – unless its owner wants models to be created by a push.
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
  requireToPush(actor, origin, model)
  return model
}

function requireToPush(actor: Actor, origin: string, model: ModelNow): void {
  requireScope(actor, "push")
  const { owner, name } = model
  // Asked first: a token for one model is to learn of other private ones as little as of those that never were.
  if (!mayRead(actor, model)) throw unknownModel({ actor, origin }, owner, name)
  if (actor.model_id !== undefined && actor.model_id !== model.id)
    throw problem("forbidden", `This token is for another model than ${owner}/${name}.`)
  if (!canEdit(actor, model))
    throw problem(
      "forbidden",
      `You are signed in as ${actor.username}, who cannot push to ${owner}/${name}. Sign in with an API token of ${owner}.`,
    )
}

/** A write of a push to a model. Throws what `pushableModel` throws to a caller who may no longer push when it happens. */
export const writePush = <T>(
  { actor, origin }: Caller,
  model: Model,
  fn: (tx: Db, actor: Actor) => Promise<T>,
): Promise<T> =>
  writeModelAs(
    actor!,
    model,
    (current, now) => requireToPush(current, origin, now),
    (tx, _now, current) => fn(tx, current),
  )

/** Whether a model may be read by the caller's token, as of a transaction. */
export async function isPullableNow(tx: Db, actor: Actor, { id }: Pick<Model, "id">): Promise<boolean> {
  const model = await findModelNow(tx, id)
  return model !== undefined && mayRead(readerOf(actor), model)
}

const mayRead = (actor: Actor | null, model: ModelNow) => canSee(actor, model) && maySee(actor, model)

/** A step of a push to a model. When that fails because the model was deleted meanwhile, the model is as unknown as if it had been gone before. */
export async function pushing<T>(
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

// "NAME_UNKNOWN" and "404" are the words by which the generations of Cog know this answer.
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

/** Whether a push would be let in, without creating anything. */
export async function mayPush(actor: Actor | null, owner: string, name: string): Promise<boolean> {
  if (!actor?.scopes.includes("push")) return false
  const model = await findVisible(actor, owner, name)
  if (!model) return (await creatableByPush(actor, owner, name)) !== undefined
  return canEdit(actor, model) && (actor.model_id === undefined || actor.model_id === model.id)
}

/** A token that may push may read what it pushes to; one that may only write sees what a stranger sees. */
const readerOf = (actor: Actor) => (actor.scopes.some((scope) => scope === "read" || scope === "push") ? actor : null)

const maySee = (actor: Actor | null, model: ModelNow) =>
  actor?.model_id === undefined || actor.model_id === model.id || model.visibility === "public"

async function findVisible(actor: Actor | null, owner: string, name: string): Promise<Model | undefined> {
  try {
    return await getModel(actor, owner, name)
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return undefined
    throw error
  }
}

/** The hardware a model would be created with; undefined where a push creates none. */
async function creatableByPush(actor: Actor, owner: string, name: string): Promise<string | undefined> {
  if (actor.username !== owner || actor.model_id !== undefined || !ModelName.safeParse(name).success) return undefined
  return findCreateOnPush(actor.owner_id)
}

async function createdByPush(actor: Actor, owner: string, name: string): Promise<Model | undefined> {
  const hardware = await creatableByPush(actor, owner, name)
  if (hardware === undefined) return undefined
  try {
    // Whoever opted in has said that the scope to push is enough for this.
    return await createModel(
      { ...actor, scopes: ["read", "write", "push"] },
      { owner, name, visibility: "private", hardware },
    )
  } catch (error) {
    // Layers are pushed side by side, and each of them may be the first.
    if (error instanceof Problem && error.kind === "conflict") return findVisible(actor, owner, name)
    throw error
  }
}
