import type { Db } from "@/db"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"
import { requireModelHardware } from "@/lib/hardware/hardware"
import { listOfNames } from "@/lib/list-of-names"
import { setting } from "@/lib/settings/setting"
import { renderMarkdown } from "@/lib/markdown/markdown"
import { rolesWith } from "@/lib/access/require"
import { may, visibleAccountIds } from "@/lib/access/policy"
import { writeAs } from "@/lib/access/write-as"
import { findAccount, type Account } from "@/lib/owners/owner"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { invalid, missing, problem } from "@/lib/problem"
import { coverChange, forgetCover } from "./cover-files"
import { egressChange } from "./egress"
import { isKnownName } from "./name"
import { canEdit, canManage, canSee } from "./policy"
import type { Model, WholeModel } from "./row"
import { CreateModelInput, UpdateModelInput, type ModelOrder } from "./schema"
import {
  deleteModelRow,
  findModel,
  findModelByFormerName,
  insertModel,
  listDeploymentsOfModel,
  listModelRows,
  listNameRows,
  recordFirstPull,
  type ModelChanges,
  type ModelList,
  updateModelRow,
} from "./store"
import { writeModelAs, type Check, type LockedModel } from "./write"

export type { Model, WholeModel }

/** Models per page, as in the published contract. */
export const pageSize = 25

/**
 * Creates a model without versions. Throws `invalid` for bad fields, an unknown owner or unavailable hardware,
 * `forbidden` for somebody else's account or a full one, `conflict` if the owner has a model of that name.
 */
export async function createModel(actor: Actor, input: CreateModelInput): Promise<Model> {
  requireScope(actor, "write")
  const fields = CreateModelInput.parse(input)
  // Both are read at once; a missing right is reported before a mistake in the hardware.
  const hardware = requireModelHardware(fields.hardware)
  hardware.catch(() => {})
  const owner = await requireOwner(actor, fields.owner)
  const { sku } = await hardware

  const row = {
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
    cover_upload: null,
    example_cover: null,
    egress_asked_at: null,
    egress_allowed_at: null,
    run_count: 0,
    is_official: false,
  }
  const event = auditEvent({
    actor,
    owner_id: owner.id,
    action: "model.created",
    subject: fields.name,
    details: { visibility: fields.visibility, hardware: sku },
  })
  const create = (tx: Db, current: Actor) => {
    requireToCreateFor(current, owner)
    return insertModel(tx, owner.username, row, setting("MODELS_PER_ACCOUNT"), event)
  }
  const model = await writeAs(actor, { scope: "write" }, create, `owner ${owner.id}`)
  if (model === "taken") throw alreadyExists()
  if (model === "full") throw modelLimitProblem(owner)
  return model
}

async function requireOwner(actor: Actor, username: string): Promise<Account> {
  const owner = await findAccount(username)
  if (!owner) throw invalid({ owner: `There is no account named ${username}.` })
  requireToCreateFor(actor, owner)
  return owner
}

function requireToCreateFor(actor: Actor, owner: Account) {
  if (may(actor, "create", owner.id)) return
  throw problem("forbidden", cannotCreateFor(actor, owner), {
    owner: `You cannot create models for ${owner.username}.`,
  })
}

/**
 * Explains which account lacks which right: a member's token does not act for the organization, and viewers cannot
 * create.
 */
function cannotCreateFor(actor: Actor, owner: Account) {
  const refused = `You are acting as ${actor.username} and cannot create models for ${owner.username}.`
  if (owner.type === "user") return refused
  if (actor.token_id !== undefined) return `${refused} Use a token that belongs to ${owner.username}.`
  return may(actor, "see", owner.id) ? `${refused} In an organization, only ${rolesWith("create")} can.` : refused
}

// Clients match these words to recognize a name in use.
export const alreadyExists = () => {
  const complaint = "A model with that name and owner already exists."
  return problem("conflict", `The following errors occurred:\n- name: ${complaint}`, { name: complaint })
}

/** The error for an account that has reached its limit. */
export function modelLimitProblem(owner: Pick<Account, "username">) {
  const most = setting("MODELS_PER_ACCOUNT").toLocaleString("en-US")
  return problem(
    "forbidden",
    `${owner.username} has ${most} ${most === "1" ? "model" : "models"}, the maximum per account. Push a new version to one of them instead.`,
  )
}

/**
 * The model of that name, or the one that had it before a rename or transfer, unless another has it now. Throws
 * `missing` for private models of others exactly as for missing ones.
 */
export async function getModel(actor: Actor | null, owner: string, name: string): Promise<Model> {
  if (!isKnownName(name)) throw missing()
  const sees = visibleAccountIds(actor)
  const model = (await findModel(owner, name, sees)) ?? (await findModelByFormerName(owner, name, sees))
  if (!model || !canSee(actor, model)) throw missing()
  return model
}

/**
 * The model, to change it. Throws `missing` if the actor may not see it and for a former name, `forbidden` if the
 * actor may not edit it.
 */
export async function getEditableModel(actor: Actor, owner: string, name: string): Promise<Model> {
  requireScope(actor, "write")
  const model = await getModel(actor, owner, name)
  if (model.owner !== owner || model.name !== name)
    throw problem(
      "missing",
      `${owner}/${name} was renamed to ${model.owner}/${model.name}. Use that name to change it.`,
    )
  requireCanEdit(actor, model)
  return model
}

/**
 * Throws `missing` if the actor may not see the model, `forbidden` if the actor may not edit it. Verbs ask this inside
 * the transaction that changes it.
 */
export function requireCanEdit(actor: Actor, model: LockedModel): void {
  requireScope(actor, "write")
  if (!canSee(actor, model)) throw missing()
  const { owner, name } = model
  if (!canEdit(actor, model)) throw problem("forbidden", `Only ${owner} can change ${owner}/${name}.`)
}

/** `requireCanEdit` for renaming, transferring, deleting and changing the visibility. */
export function requireCanManage(actor: Actor, model: LockedModel): void {
  requireCanEdit(actor, model)
  if (!canManage(actor, model))
    throw problem("forbidden", `In ${model.owner}, only ${rolesWith("manage")} can do this.`)
}

/**
 * The model, to rename, transfer or delete it or to change its visibility. Throws as `getEditableModel`, with stricter
 * rights.
 */
export async function getManagedModel(actor: Actor, owner: string, name: string): Promise<Model> {
  const model = await getEditableModel(actor, owner, name)
  requireCanManage(actor, model)
  return model
}

/** Records the first pull of the model's image. */
export async function recordPull(model: Model): Promise<void> {
  if (model.pulled_at === null) await recordFirstPull(model.id)
}

/**
 * Changes the fields of `input`. Throws what `getEditableModel` throws, then `invalid` for bad fields, then what
 * `guard` throws.
 */
export async function updateModel(
  actor: Actor,
  owner: string,
  name: string,
  input: UpdateModelInput,
  guard?: Guard<WholeModel>,
): Promise<WholeModel> {
  const model = await getEditableModel(actor, owner, name)
  const { hardware, cover_image_url, egress, ...changes } = UpdateModelInput.parse(input)
  const asks = egressChange(model, egress)
  if ((changes.visibility ?? model.visibility) !== model.visibility || asks.egress_asked_at !== undefined)
    await getManagedModel(actor, owner, name)
  const cover = coverChange(model, cover_image_url)
  // Unavailable hardware may stay, but not be chosen again.
  const sku =
    hardware === undefined || hardware === model.hardware ? undefined : (await requireModelHardware(hardware)).sku

  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "model.updated",
    subject: name,
    details: {
      ...changesOf(model, { ...changes, ...cover, hardware: sku }),
      ...(asks.egress_asked_at !== undefined && { egress_was: model.egress_asked_at ? "internet" : "none", egress }),
    },
  })
  const { readme } = changes
  const readme_html = typeof readme === "string" ? await renderMarkdown(readme) : readme
  const check: Check = (actor, now) =>
    changes.visibility === undefined || changes.visibility === now.visibility
      ? requireCanEdit(actor, now)
      : requireCanManage(actor, now)
  const changed = await writeModelAs(actor, model, check, (tx) =>
    updateModelRow(tx, model.id, { ...changes, readme_html, ...cover, ...asks, hardware: sku }, event, guard),
  )
  if (!changed) throw missing()
  if (cover) await forgetCover(model.cover_upload)
  return changed
}

/**
 * Deletes a model permanently and frees its name for the same owner. Throws what `getManagedModel` throws, and
 * `invalid` with everything that prevents it: only private models without versions can be deleted.
 */
export async function deleteModel(actor: Actor, owner: string, name: string): Promise<void> {
  const model = await getManagedModel(actor, owner, name)
  const event = auditEvent({ actor, owner_id: model.owner_id, action: "model.deleted", subject: name })
  if (await writeModelAs(actor, model, requireCanManage, (tx) => deleteModelRow(tx, model.id, event)))
    return forgetCover(model.cover_upload)
  throw invalid(await deletionBlockers(await getManagedModel(actor, owner, name)))
}

/** What prevents deleting a model, each with the remedy; empty if nothing does. */
export async function deletionBlockers(
  model: Pick<Model, "id" | "owner_id" | "visibility" | "latest_version">,
): Promise<Partial<Record<"visibility" | "deployments" | "versions", string>>> {
  const deployments = model.latest_version ? await listDeploymentsOfModel(model) : []
  return {
    ...(model.visibility === "public" && { visibility: "A public model cannot be deleted. Make it private first." }),
    ...(deployments.length > 0 && {
      deployments: `It is deployed as ${listOfNames(deployments)}. Delete ${deployments.length === 1 ? "that deployment" : "those deployments"} first, or deploy another model there.`,
    }),
    ...(model.latest_version && { versions: "A model with versions cannot be deleted. Delete its versions first." }),
  }
}

/** A page of all public models, the latest versions first. Throws `invalid` for a bad cursor. */
export const listPublicModels = (cursor?: string, limit = pageSize): Promise<Page<Model>> =>
  listModels({ visibility: "public", ...orderOf({}) }, cursor, limit)

/** The names of all public models, with the time of their last change. */
export async function listPublicNames(
  from: string | undefined,
  limit: number,
): Promise<Page<Pick<Model, "id" | "owner" | "name" | "updated_at">>> {
  const cursor = from === undefined ? null : decodeCursor(from)
  const rows = await listNameRows({ visibility: "public", ...orderOf({}) }, cursor, limit)
  return pageOf(rows, limit, cursor, ({ at, id }) => [at, id])
}

/** The details of a change for the audit log: long texts only by name, the rest with old and new values. */
function changesOf(model: Model, changes: ModelChanges) {
  const changed = Object.entries(changes).filter(
    ([field, value]) => value !== undefined && value !== model[field as keyof Model],
  )
  return Object.fromEntries(
    changed.flatMap(([field, value]): [string, string | null][] =>
      field === "visibility" || field === "hardware"
        ? [
            [`${field}_was`, String(model[field])],
            [field, value ?? null],
          ]
        : [[field, value === null ? null : "changed"]],
    ),
  )
}

/**
 * A page of an account's models, newest first: all of them for the account and its members, otherwise the public ones.
 */
export const listModelsOf = (
  actor: Actor | null,
  owner: Pick<Account, "id">,
  cursor?: string,
  limit = pageSize,
): Promise<Page<Model>> => listModels(listOf(actor, owner), cursor, limit)

/** An account's models that the actor may see, newest first. */
export const listOf = (actor: Actor | null, owner: Pick<Account, "id">): ModelList => ({
  owner_id: owner.id,
  visibility: may(actor, "see", owner.id) ? undefined : "public",
  order: "created_at",
  ascending: false,
})

/** A page of the actor's own models, including private ones, newest first. */
export const listOwnModels = (actor: Actor, cursor?: string, limit = pageSize): Promise<Page<Model>> =>
  listModelsOf(actor, { id: actor.owner_id }, cursor, limit)

/** The requested order. */
export const orderOf = ({ sort_by = "latest_version_created_at", sort_direction = "desc" }: ModelOrder) =>
  ({ order: sort_by === "model_created_at" ? "created_at" : "listed_at", ascending: sort_direction === "asc" }) as const

/** A page of any list. The caller checks access. */
export async function listModels(which: ModelList, from: string | undefined, limit: number): Promise<Page<Model>> {
  const cursor = from === undefined ? null : decodeCursor(from)
  return pageOf(await listModelRows(which, cursor, limit), limit, cursor, (model) => [model[which.order], model.id])
}
