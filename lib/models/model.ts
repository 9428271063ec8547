import { env } from "@/env"
import { actsFor, type Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { requireModelHardware } from "@/lib/hardware/hardware"
import { findAccount, type Owner } from "@/lib/owners/owner"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { invalid, missing, problem } from "@/lib/problem"
import { canSee } from "./policy"
import { CreateModelInput } from "./schema"
import { findModel, insertModel, listModelRows, type Model, type ModelFilter } from "./store"

export type { Model }

/** Models on a page of a list, as in the published contract. */
export const pageSize = 25

/**
 * Creates a model without versions. Throws `invalid` for bad fields, an unknown owner or hardware that cannot be picked,
 * `forbidden` for somebody else's account or a full one, `conflict` when the owner has a model of that name.
 */
export async function createModel(actor: Actor, input: CreateModelInput): Promise<Model> {
  const fields = CreateModelInput.parse(input)
  const owner = await requireOwnAccount(actor, fields.owner)
  const { sku } = await requireModelHardware(fields.hardware)

  const at = now()
  const model = await insertModel(
    {
      owner_id: owner.id,
      name: fields.name,
      description: fields.description ?? null,
      visibility: fields.visibility,
      hardware: sku,
      github_url: fields.github_url ?? null,
      paper_url: fields.paper_url ?? null,
      license_url: fields.license_url ?? null,
      weights_url: null,
      cover_image_url: fields.cover_image_url ?? null,
      run_count: 0,
      is_official: false,
      created_at: at,
      updated_at: at,
    },
    env.MODELS_PER_ACCOUNT,
  )
  if (model === "taken") throw alreadyExists()
  if (model === "full") throw accountIsFull(owner)
  return { ...model, owner: owner.username }
}

async function requireOwnAccount(actor: Actor, username: string): Promise<Owner> {
  const owner = await findAccount(username)
  if (!owner) throw invalid({ owner: `There is no account named ${username}.` })
  if (!actsFor(actor, owner.username))
    throw problem("forbidden", `You are acting as ${actor.username} and cannot create models for ${owner.username}.`, {
      owner: `You cannot create models for ${owner.username}.`,
    })
  return owner
}

// Clients in the wild look for these words to tell a taken name from other refusals.
const alreadyExists = () => {
  const complaint = "A model with that name and owner already exists."
  return problem("conflict", `The following errors occurred:\n- name: ${complaint}`, { name: complaint })
}

function accountIsFull(owner: Owner) {
  const most = env.MODELS_PER_ACCOUNT.toLocaleString("en-US")
  return problem("forbidden", `${owner.username} has ${most} models, the most an account may have here. Push new versions to one of them instead.`)
}

/** Throws `missing` for a private model of others exactly as for one that never was. */
export async function getModel(actor: Actor | null, owner: string, name: string): Promise<Model> {
  const model = await findModel(owner, name)
  if (!model || !canSee(actor, model)) throw missing()
  return model
}

/** A page of all public models, newest first. Throws `invalid` for a cursor that is not ours. */
export const listPublicModels = (cursor?: string, limit = pageSize): Promise<Page<Model>> => list({ visibility: "public" }, cursor, limit)

/** A page of the public models whose owner, name or description contain every word of `query`. */
export const searchPublicModels = (query: string, cursor?: string, limit = pageSize): Promise<Page<Model>> =>
  list({ visibility: "public", words: query.split(/\s+/).filter(Boolean).slice(0, 10) }, cursor, limit)

/** A page of an account's models: all of them for itself, the public ones for everybody else. */
export const listModelsOf = (actor: Actor | null, owner: Owner, cursor?: string, limit = pageSize): Promise<Page<Model>> =>
  list({ owner_id: owner.id, visibility: actor?.owner_id === owner.id ? undefined : "public" }, cursor, limit)

async function list(filter: ModelFilter, from: string | undefined, limit: number): Promise<Page<Model>> {
  const cursor = from === undefined ? null : decodeCursor(from)
  return pageOf(await listModelRows(filter, cursor, limit), limit, cursor, (model) => [model.created_at, model.id])
}
