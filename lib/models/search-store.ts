import { and, desc, eq, inArray, isNotNull, sql, type SQL, type SQLWrapper } from "drizzle-orm"

import { preparedQuery, type Db } from "@/db"
import { dialect, integer, table, text } from "@/db/kit"
import { models, owners } from "@/db/schema"
import { wordsOf } from "./words"

// Full-text search, in both spellings: FTS5 on SQLite, tsvector on PostgreSQL. Private models are never in the index.

/** What a search may be narrowed to. */
export type SearchFacets = { hardware?: string; has_versions?: boolean }

/** How far down the list of matches anybody can go, and so how much is ever ranked. */
export const reach = 500
/** Candidates that are looked at to find `reach` among them that also have the facets. */
const facetReach = 5000
/** A README says what it is about at its beginning. */
const readmeReach = 20_000
const mostWords = 10

// The index has columns of its own on each; these are no part of db/schema.ts, which knows only tables that both can have.
const onSqlite = table("models_search", {
  rowid: integer().primaryKey(),
  names: text(),
  description: text(),
  readme: text(),
})
const onPostgres = table("models_search", {
  rowid: integer().primaryKey(),
  names: text(),
  described: text(),
  words: text(),
})
const search = dialect === "sqlite" ? onSqlite : onPostgres

/** Puts a model into the index as it now is, or takes it out; part of the write that changed it. */
export async function indexModel(tx: Db, id: number): Promise<void> {
  await tx.delete(search).where(eq(search.rowid, id))
  const [model] = await tx
    .select({ owner: owners.username, name: models.name, description: models.description, readme: models.readme })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(models.id, id), eq(models.visibility, "public")))
  if (model) await addToIndex(tx, id, model)
}

/** Puts a model into the index that is not there yet, and public. */
export async function addToIndex(
  tx: Db,
  id: number,
  model: { owner: string; name: string; description: string | null; readme: string | null },
): Promise<void> {
  const names = folded(`${model.owner} ${model.name}`)
  const description = folded(model.description ?? "")
  const readme = folded(model.readme?.slice(0, readmeReach) ?? "")
  if (dialect === "sqlite") await tx.insert(onSqlite).values({ rowid: id, names, description, readme })
  else {
    const described = `${names} ${description}`
    await tx.insert(onPostgres).values({
      rowid: id,
      names: vector(names),
      described: vector(described),
      words: vector(`${described} ${readme}`),
    })
  }
}

const folded = (text: string) => wordsOf(text).join(" ")

const vector = (words: string) => sql`to_tsvector('simple', ${words})`

/**
 * The ids of the public models that hold every word of `query`, its last one as a beginning, best first: models of just that name,
 * then words found in names, in descriptions, in READMEs. Each of these looks at a bounded number of the newest, because
 * ranking every row that holds a common word would take seconds.
 */
export async function rankedMatches(query: string, facets: SearchFacets): Promise<number[]> {
  const words = wordsOf(query.slice(0, 1000)).slice(0, mostWords)
  if (words.length === 0) return []

  const named = namesMeant(query, words)
  const found = new Set(await idsNamed(named, facets))
  // Every step below finds some of these; once all of them are found, the other steps have nothing to add. Under facets the steps look at
  // candidates that differ, so there each has to be taken.
  const all =
    facets.hardware === undefined && !facets.has_versions ? await idsMatching(words, "*", 3, facets) : undefined
  const isDone = () => found.size >= reach || all?.every((id) => found.has(id))
  // A whole word is looked up faster than a beginning, and is more likely what was meant.
  for (const depth of [1, 2, 3] as const)
    for (const ending of ["", "*"] as const) {
      if (isDone()) break
      for (const id of (depth === 3 && ending === "*" && all) || (await idsMatching(words, ending, depth, facets)))
        found.add(id)
    }
  return [...found].slice(0, reach)
}

/** "Hot Dog", "hot-dog" and "alice/hot-dog" all mean the model hot-dog. */
function namesMeant(query: string, words: string[]) {
  const typed = query.toLowerCase().split("/").at(-1)!.trim()
  return [...new Set([typed, ...["-", "_", ".", ""].map((joint) => words.join(joint))])].filter((name) =>
    /^[\w.-]{1,100}$/.test(name),
  )
}

/** The spellings of a name that are looked for at once. */
const mostNames = 5

async function idsNamed(names: string[], facets: SearchFacets) {
  if (names.length === 0) return []
  const wanted = Array.from({ length: mostNames }, (_, n) => [`name${n}`, names[n] ?? names[0]!] as const)
  return ranked("named", facets, Object.fromEntries(wanted), (db) => ({
    candidates: db
      .select({ id: models.id })
      .from(models)
      .where(
        and(
          inArray(
            models.name,
            wanted.map(([place]) => sql.placeholder(place)),
          ),
          eq(models.visibility, "public"),
        ),
      )
      .limit(candidateCount(facets)),
    first: [],
  }))
}

type Ending = "" | "*"
type Depth = 1 | 2 | 3

async function idsMatching(words: string[], ending: Ending, depth: Depth, facets: SearchFacets) {
  const match = dialect === "sqlite" ? matchOnSqlite(words, ending, depth) : matchOnPostgres(words, ending)
  return ranked(`depth_${depth}`, facets, { match, first: words[0]!, long: words[0]!.length }, (db) => ({
    candidates: db
      .select({ id: sql<number>`${search.rowid}`.as("id") })
      .from(search)
      .where(
        dialect === "sqlite"
          ? sql`models_search match ${sql.placeholder("match")}`
          : sql`${[onPostgres.names, onPostgres.described, onPostgres.words][depth - 1]!} @@ to_tsquery('simple', ${sql.placeholder("match")})`,
      )
      .orderBy(desc(search.rowid))
      .limit(candidateCount(facets)),
    first: [
      sql`case when substr(${models.name}, 1, ${sql.placeholder("long")}) = ${sql.placeholder("first")} then 1 else 0 end desc`,
    ],
  }))
}

// Words are letters and digits only, so neither syntax has anything to escape.
function matchOnSqlite(words: string[], ending: Ending, depth: Depth) {
  const columns = ["names", "description", "readme"].slice(0, depth).join(" ")
  const terms = words.map((word, n) => `"${word}"${n === words.length - 1 ? ending : ""}`)
  return `{${columns}} : (${terms.join(" AND ")})`
}

const matchOnPostgres = (words: string[], ending: Ending) =>
  words.map((word, n) => `'${word}'${n === words.length - 1 && ending ? ":*" : ""}`).join(" & ")

type Ranking = { execute(values: Record<string, unknown>): Promise<{ id: number }[]> }

/**
 * The candidates, best first. `build` makes the query for them, once for each `kind` and choice of facets: building it anew took longer
 * than answering it.
 */
async function ranked(
  kind: string,
  facets: SearchFacets,
  values: Record<string, unknown>,
  build: (db: Db) => { candidates: SQLWrapper; first: SQL[] },
): Promise<number[]> {
  const { hardware, has_versions } = facets
  const name = ["search", kind, hardware !== undefined && "hardware", has_versions && "versions"]
    .filter(Boolean)
    .join("_")
  const query =
    rankings.get(name) ??
    preparedQuery(name, (db) => {
      const { candidates, first } = build(db)
      // Joined, not put behind an `in`, so that both planners begin with the candidates.
      return db
        .select({ id: models.id })
        .from(sql`${candidates} as candidates`)
        .innerJoin(models, eq(models.id, sql`candidates.id`))
        .where(
          // Whether they are public was asked before: here it would tempt SQLite to begin with all public models.
          and(
            hardware === undefined ? undefined : eq(models.hardware, sql.placeholder("hardware")),
            has_versions ? isNotNull(models.latest_version_id) : undefined,
          ),
        )
        .orderBy(...first, desc(models.run_count), desc(models.listed_at), desc(models.id))
        .limit(reach)
    })
  rankings.set(name, query)
  const rows = await query().execute({ ...values, hardware })
  return rows.map(({ id }) => id)
}
const rankings = new Map<string, () => Ranking>()

const candidateCount = ({ hardware, has_versions }: SearchFacets) =>
  hardware !== undefined || has_versions ? facetReach : reach
