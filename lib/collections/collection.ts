import type { Db } from "@/db"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import type { Guard } from "@/lib/revision"
import type { Job } from "@/lib/jobs/job"
import { auditEvent, type AuditEvent } from "@/lib/events/record"
import type { Action } from "@/lib/events/schema"
import { renderMarkdown } from "@/lib/markdown/markdown"
import { getModel, type Model } from "@/lib/models/model"
import { lockModel } from "@/lib/models/write"
import { searchTerms } from "@/lib/models/search-terms"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { missing, problem } from "@/lib/problem"
import type { CollectionMove } from "./fields"
import { CollectionSlug, CreateCollectionInput, UpdateCollectionInput } from "./schema"
import {
  addModelRow,
  arrangeModelRows,
  countCollectionModels,
  deleteCollectionRow,
  findCollection,
  insertCollection,
  storeRenderedDescription,
  listCollectionModelNames,
  listCollectionModelRows,
  listCollectionRows,
  listUnrendered,
  removeModelRow,
  updateCollectionRow,
  type Collection,
  type ListedCollection,
} from "./store"

export type { Collection, ListedCollection }

/** Collections per page. */
export const pageSize = 100
/** A collection returns all its models at once, so their number is limited. */
export const maxModels = 500
const maxMatches = 10

/** A page of all collections, by name. Throws `invalid` for a bad cursor. */
export async function listCollections(from?: string, limit = pageSize): Promise<Page<ListedCollection>> {
  const cursor = from === undefined ? null : decodeCursor(from)
  return pageOf(await listCollectionRows(cursor, limit), limit, cursor, (collection) => [
    collection.name,
    collection.id,
  ])
}

/** A page of all collections, each with its number of public models. */
export async function listCollectionsWithCounts(
  from?: string,
  limit = pageSize,
): Promise<Page<ListedCollection & { models: number }>> {
  const page = await listCollections(from, limit)
  const counts = await countCollectionModels(page.rows.map(({ id }) => id))
  return { ...page, rows: page.rows.map((collection) => ({ ...collection, models: counts.get(collection.id) ?? 0 })) }
}

/** A collection with its public models in order, without private ones. Throws `missing`. */
export async function getCollection(slug: string): Promise<Collection & { models: Model[] }> {
  const collection = await requireCollection(slug)
  return { ...collection, models: await listCollectionModelRows(collection.id) }
}

/** Some collections that match every word of `query` in name or description, with the names of their public models. */
export async function searchCollections(query: string): Promise<(ListedCollection & { models: string[] })[]> {
  const words = searchTerms(query.slice(0, 1000))
  if (words.length === 0) return []
  const { rows } = await listCollections(undefined, 1000)
  const matching = rows.filter((collection) => {
    const own = searchTerms(`${collection.slug} ${collection.name} ${collection.description}`)
    return words.every((word) => own.some((candidate) => candidate.startsWith(word)))
  })
  return Promise.all(
    matching
      .slice(0, maxMatches)
      .map(async (collection) => ({ ...collection, models: await listCollectionModelNames(collection.id) })),
  )
}

/** Throws `forbidden` to all but administrators, `invalid` for bad fields, `conflict` for a slug in use. */
export async function createCollection(actor: Actor, input: CreateCollectionInput): Promise<Collection> {
  requireCurator(actor)
  const fields = CreateCollectionInput.parse(input)
  const row = { ...fields, ...(await rendered(fields.full_description)) }
  const event = edit(actor, "collection.created", fields.slug)
  return (await writeCurating(actor, (tx) => insertCollection(tx, row, event))) ?? slugInUse()
}

export async function updateCollection(
  actor: Actor,
  slug: string,
  input: UpdateCollectionInput,
  guard?: Guard<Collection>,
): Promise<Collection> {
  requireCurator(actor)
  const { id } = await requireCollection(slug)
  const fields = UpdateCollectionInput.parse(input)
  const { full_description } = fields
  const html = full_description === undefined ? {} : await rendered(full_description)
  const changed = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, "changed"]]))
  const event = edit(actor, "collection.updated", slug, Object.fromEntries(changed))
  const update = (tx: Db) => updateCollectionRow(tx, id, { ...fields, ...html }, event, guard)
  const updated = await writeCurating(actor, update)
  if (updated === "gone") throw missing()
  return updated === "taken" ? slugInUse() : updated
}

const rendered = async (text: string | null) => ({
  full_description_html: text === null ? null : await renderMarkdown(text),
})

/** Runs at every start, which may be the first one after an upgrade. */
export const descriptionsJob: Job = {
  name: "collection-descriptions",
  every: 24 * 3600,
  by: "installation",
  atStart: true,
  run: renderMissingDescriptions,
}

/** Renders descriptions saved before their HTML was stored. */
export async function renderMissingDescriptions(): Promise<void> {
  for (const { id, full_description } of await listUnrendered())
    await storeRenderedDescription(id, full_description!, await renderMarkdown(full_description!))
}

/** Deletes the collection; its models stay. */
export async function deleteCollection(actor: Actor, slug: string): Promise<void> {
  requireCurator(actor)
  const { id } = await requireCollection(slug)
  await writeCurating(actor, (tx) => deleteCollectionRow(tx, id, edit(actor, "collection.deleted", slug)))
}

/**
 * Adds a public model at the end of a collection. Throws `missing` for a model the actor may not see, `invalid` for a
 * private one.
 */
export async function addToCollection(actor: Actor, slug: string, owner: string, name: string): Promise<void> {
  requireCurator(actor)
  const collection = await requireCollection(slug)
  const model = await getModel(actor, owner, name)
  requirePublic(model)
  const event = edit(actor, "collection.model_added", slug, { model: `${model.owner}/${model.name}` })
  const added = await writeCurating(actor, async (tx) => {
    const now = await lockModel(tx, model.id)
    if (!now) throw missing()
    requirePublic(now)
    return addModelRow(tx, collection.id, model.id, maxModels, event)
  })
  if (!added) throw problem("invalid", `A collection holds at most ${maxModels} models.`)
}

function requirePublic({ visibility }: Pick<Model, "visibility">) {
  if (visibility === "private")
    throw problem("invalid", "Collections contain public models only. Make the model public first.")
}

/** Removes a model from a collection, if it is there. */
export async function removeFromCollection(actor: Actor, slug: string, owner: string, name: string): Promise<void> {
  requireCurator(actor)
  const collection = await requireCollection(slug)
  const { id } = await getModel(actor, owner, name)
  const event = edit(actor, "collection.model_removed", slug, { model: `${owner}/${name}` })
  await writeCurating(actor, (tx) => removeModelRow(tx, collection.id, id, event))
}

/** Moves a model within a collection. Does nothing if the collection does not contain it or it is already there. */
export async function moveInCollection(
  actor: Actor,
  slug: string,
  owner: string,
  name: string,
  move: CollectionMove,
): Promise<void> {
  requireCurator(actor)
  const collection = await requireCollection(slug)
  const { id } = await getModel(actor, owner, name)
  const arrange = (ids: number[]) => {
    const at = ids.indexOf(id)
    if (at < 0) return ids
    const to = { first: 0, up: Math.max(0, at - 1), down: Math.min(ids.length - 1, at + 1), last: ids.length - 1 }[move]
    return ids.toSpliced(at, 1).toSpliced(to, 0, id)
  }
  const event = edit(actor, "collection.arranged", slug, { model: `${owner}/${name}`, move })
  await writeCurating(actor, (tx) => arrangeModelRows(tx, collection.id, arrange, event))
}

/** An audit event without an account: collections belong to the installation. */
const edit = (actor: Actor, action: Action, slug: string, details: AuditEvent["details"] = {}): AuditEvent =>
  auditEvent({ actor, owner_id: null, action, subject: slug, details })

/** Whether this actor may create and change collections. */
export const mayCurate = (actor: Actor | null): actor is Actor => actor?.is_admin === true

async function requireCollection(slug: string): Promise<Collection> {
  const collection = CollectionSlug.safeParse(slug).success ? await findCollection(slug) : undefined
  if (!collection) throw missing()
  return collection
}

function requireCurator(actor: Actor) {
  if (!mayCurate(actor)) throw problem("forbidden", "Only administrators can manage collections.")
}

const writeCurating = <T>(actor: Actor, fn: (tx: Db) => Promise<T>): Promise<T> =>
  writeAs(actor, { administrator: requireCurator }, fn)

function slugInUse(): never {
  throw problem("conflict", "A collection with this slug already exists.", {
    slug: "This slug is taken. Choose another.",
  })
}
