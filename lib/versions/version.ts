import { read, type Db } from "@/db"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import type { Job } from "@/lib/jobs/job"
import { getModel, getEditableModel, requireCanEdit, type Model } from "@/lib/models/model"
import { canEdit } from "@/lib/models/policy"
import { writeModelAs, type LockedModel } from "@/lib/models/write"
import { countFitting, decodeCursor, pageOf, type Page } from "@/lib/page"
import { missing, problem } from "@/lib/problem"
import { formOf, noForm, type Form } from "./form"
import { blockersOf } from "./policy"
import type { ListedVersion, Version } from "./row"
import { PublishVersionInput } from "./schema"
import {
  deleteVersionRow,
  findForm,
  findSchemas,
  findVersion,
  storeForm,
  listUnread,
  listVersionRows,
  upsertVersion,
  listDeploymentsOf,
  wasRunByOthers,
  type Alongside,
} from "./store"

export type { ListedVersion, Version }

/** Versions per page. */
export const pageSize = 25

/**
 * Makes a pushed version the model's latest. A known ID adds no version: it only becomes the latest again. `alongside`
 * runs in the same transaction; if it throws, no version is created.
 */
export async function publishVersion(
  actor: Actor,
  model: Pick<Model, "id" | "owner_id" | "name">,
  input: PublishVersionInput,
  alongside?: Alongside,
): Promise<Version> {
  return publish(actor, model, input, { alongside })
}

/** Makes a bundle the latest version of its model. `bundled` is the model's name in lib/bundled/. */
export async function publishBundledVersion(
  actor: Actor,
  model: Pick<Model, "id" | "owner_id" | "name">,
  input: PublishVersionInput,
  bundled: string,
): Promise<Version> {
  return publish(actor, model, input, { bundled })
}

async function publish(
  actor: Actor,
  model: Pick<Model, "id" | "owner_id" | "name">,
  input: PublishVersionInput,
  { bundled, alongside }: { bundled?: string; alongside?: Alongside },
): Promise<Version> {
  requireCanPush(actor, model)
  const fields = PublishVersionInput.parse(input)
  const form = await formOf(fields.openapi_schema)
  const row = { ...fields, form, bundled, model_id: model.id, pushed_by: actor.owner_id }
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "version.pushed",
    subject: model.name,
    details: { version: fields.id },
  })
  return writeModelAs(actor, model, requireCanPush, async (tx) => {
    await alongside?.(tx)
    return upsertVersion(tx, row, event)
  })
}

function requireCanPush(actor: Actor, model: Pick<Model, "owner_id">) {
  requireScope(actor, "push")
  if (!canEdit(actor, model)) throw problem("forbidden", "You cannot push to this model.")
}

/** A page of a model's versions, newest first. Throws what `getModel` throws, and `invalid` for a bad cursor. */
export async function listVersions(
  actor: Actor | null,
  owner: string,
  name: string,
  from?: string,
  limit = pageSize,
): Promise<Page<ListedVersion>> {
  const { fetched, cursor } = await fetchVersions(actor, owner, name, from, limit)
  return pageOf(fetched, limit, cursor, keyOf)
}

/** A page of versions with their schemas; shorter if it reaches the size limit. */
export async function listVersionsWithSchemas(
  actor: Actor | null,
  owner: string,
  name: string,
  from?: string,
): Promise<Page<ListedVersion & Pick<Version, "openapi_schema">>> {
  const { fetched, cursor } = await fetchVersions(actor, owner, name, from, pageSize)
  const count = countFitting(fetched.slice(0, pageSize), ({ schema_bytes }) => schema_bytes)
  const { rows, ...neighbours } = pageOf(fetched, count, cursor, keyOf)
  const schemas = await findSchemas(rows.map(({ number }) => number))
  return { ...neighbours, rows: rows.map((row) => ({ ...row, openapi_schema: schemas.get(row.number) ?? null })) }
}

async function fetchVersions(
  actor: Actor | null,
  owner: string,
  name: string,
  from: string | undefined,
  limit: number,
) {
  const model = await getModel(actor, owner, name)
  const cursor = from === undefined ? null : decodeCursor(from)
  return { fetched: await listVersionRows(model.id, cursor, limit), cursor }
}

const keyOf = ({ pushed_at, number }: ListedVersion): [string, number] => [pushed_at, number]

/** Throws what `getModel` throws, and `missing` if the model has no such version. */
export async function getVersion(actor: Actor | null, owner: string, name: string, id: string): Promise<Version> {
  const model = await getModel(actor, owner, name)
  const version = PublishVersionInput.shape.id.safeParse(id).success ? await findVersion(model.id, id) : undefined
  if (!version) throw missing()
  return version
}

/** The inputs and output of a version. Throws what `getVersion` throws. */
export async function getForm(actor: Actor | null, owner: string, name: string, id: string): Promise<Form> {
  const model = await getModel(actor, owner, name)
  return (await findForm(model.id, id)) ?? formOfVersion(await getVersion(actor, owner, name, id))
}

/** The form of a version that is already loaded. Versions pushed before forms were stored are parsed now. */
export async function formOfVersion(version: Pick<Version, "number" | "form" | "openapi_schema">): Promise<Form> {
  if (version.form) return version.form
  const form = await formOf(version.openapi_schema)
  if (form) await storeForm(version.number, form)
  return form ?? noForm
}

/** Parses the schemas of versions that were pushed before forms were stored, until none is left. */
export async function parseMissingForms(signal?: AbortSignal): Promise<void> {
  for (let last = 0; !signal?.aborted;) {
    const some = await listUnread(last, 20)
    for (const version of some) await formOfVersion({ ...version, form: null })
    if (some.length === 0) return
    last = some.at(-1)!.number
  }
}

/** At every start, because it may be the first after an upgrade. */
export const formsJob: Job = {
  name: "version-forms",
  every: 24 * 3600,
  by: "installation",
  atStart: true,
  run: parseMissingForms,
}

/** The reasons why a version cannot be deleted, one sentence each. Throws what `getModel` throws. */
export const listVersionBlockers = async (
  actor: Actor | null,
  owner: string,
  name: string,
  version: string,
): Promise<string[]> => blockersFor(await getModel(actor, owner, name), version)

async function blockersFor(
  { id, owner_id, owner, name, visibility }: LockedModel,
  version: string,
  db: Db = read(),
): Promise<string[]> {
  return blockersOf({
    owner,
    name,
    visibility,
    ran_by_others: await wasRunByOthers(id, owner_id, version, db),
    deployments: await listDeploymentsOf(db, id, version),
  })
}

/**
 * Deletes a version permanently, with its image and aliases. Garbage collection deletes unused blobs, and a job the
 * version's predictions. Throws what `getVersion` and `getEditableModel` throw, and `invalid` with all reasons against
 * it.
 */
export async function deleteVersion(actor: Actor, owner: string, name: string, id: string): Promise<void> {
  await getVersion(actor, owner, name, id)
  const model = await getEditableModel(actor, owner, name)
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "version.deleted",
    subject: name,
    details: { version: id },
  })
  const deleted = await writeModelAs(actor, model, requireCanEdit, async (tx, now) => {
    const blockers = await blockersFor(now, id, tx)
    if (blockers.length > 0) throw problem("invalid", blockers.join(" "))
    return deleteVersionRow(tx, model.id, id, event)
  })
  if (!deleted) throw missing()
}
