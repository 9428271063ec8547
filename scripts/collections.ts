import type { Actor } from "@/lib/auth/actor"
import {
  addToCollection,
  createCollection,
  deleteCollection,
  listCollectionsWithCounts,
  removeFromCollection,
} from "@/lib/collections/collection"
import { splitReference } from "@/lib/models/name"
import { actorFor, listUsers } from "@/lib/owners/owner"
import { invalid, problem } from "@/lib/problem"
import { printTable } from "./table"

/** The operator acts as the administrator with the oldest account. */
async function curator(): Promise<Actor> {
  const [admin] = (await listUsers()).filter(({ is_admin }) => is_admin).sort((one, other) => one.id - other.id)
  if (!admin)
    throw problem("missing", "There is no administrator yet. Create the first account: npm run -s cli -- user add NAME")
  return actorFor(admin, "cli")
}

export async function showCollections() {
  const rows: string[][] = []
  let cursor: string | undefined
  do {
    const page = await listCollectionsWithCounts(cursor)
    rows.push(...page.rows.map(({ slug, name, models }) => [slug, String(models), name]))
    cursor = page.next ?? undefined
  } while (cursor)
  if (rows.length === 0) return console.log("There are no collections yet.")
  printTable(["slug", "models", "name"], rows)
}

export async function openCollection(slug: string, name: string, description: string | undefined) {
  const collection = await createCollection(await curator(), { slug, name, description })
  console.log(
    `Created the collection ${collection.slug}. Add models: npm run -s cli -- collection add ${collection.slug} OWNER/NAME`,
  )
}

export async function addModel(slug: string, reference: string) {
  const { owner, name } = named(reference)
  await addToCollection(await curator(), slug, owner, name).catch(explained(slug, reference))
  console.log(`Added ${owner}/${name} to ${slug}.`)
}

export async function dropModel(slug: string, reference: string) {
  const { owner, name } = named(reference)
  await removeFromCollection(await curator(), slug, owner, name).catch(explained(slug, reference))
  console.log(`Removed ${owner}/${name} from ${slug}.`)
}

export async function dropCollection(slug: string) {
  await deleteCollection(await curator(), slug).catch(explained(slug))
  console.log(`Deleted the collection ${slug}. Its models stay.`)
}

function named(reference: string) {
  const found = splitReference(reference)
  if (!found) throw invalid({ "OWNER/NAME": `"${reference}" is not a model reference.` })
  return found
}

/** Errors for strangers do not name what is missing; the operator may see it. */
const explained = (slug: string, reference?: string) => (error: unknown) => {
  if ((error as { kind?: string }).kind !== "missing") throw error
  throw problem(
    "missing",
    reference ? `There is no collection ${slug}, or no public model ${reference}.` : `There is no collection ${slug}.`,
  )
}
