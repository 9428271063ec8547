import { and, desc, eq, inArray, isNotNull, sql, type SQL, type SQLWrapper } from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, type Db } from "@/db"
import { dialect, integer, placeholdersFor, table, text } from "@/db/kit"
import { models, owners } from "@/db/schema"
import { searchTerms } from "./search-terms"

// Full-text search for both databases: FTS5 on SQLite, tsvector on PostgreSQL. Private models are never indexed.

/** The filters of a search. */
export type SearchFacets = { hardware?: string; has_versions?: boolean }

/** The maximum number of reachable results, and so of ranked rows. */
const reach = 500
/** The number of candidates examined to find `reach` results that match the filters. */
const facetReach = 5000
/** READMEs introduce their subject at the beginning, so only that is indexed. */
const readmeReach = 20_000
const maxWords = 10

// The index has different columns on each database, so it is not in db/schema.ts.
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

/** Updates a model's index entry, or removes it if private; part of the write that changed it. */
export async function indexModel(tx: Db, id: number): Promise<void> {
  await tx.delete(search).where(eq(search.rowid, id))
  const [model] = await tx
    .select({ owner: owners.username, name: models.name, description: models.description, readme: models.readme })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(models.id, id), eq(models.visibility, "public")))
  if (model) await addToIndex(tx, id, model)
}

/** Adds a public model that is not indexed yet. */
export async function addToIndex(
  tx: Db,
  id: number,
  model: { owner: string; name: string; description: string | null; readme: string | null },
): Promise<void> {
  const names = folded(`${model.owner} ${model.name}`)
  const description = folded(model.description ?? "")
  const readme = folded(model.readme?.slice(0, readmeReach) ?? "")
  if (dialect === "sqlite") await insertOnSqlite(tx).execute({ rowid: id, names, description, readme })
  else {
    const described = `${names} ${description}`
    await insertOnPostgres(tx).execute({ rowid: id, names, described, words: `${described} ${readme}` })
  }
}

const insertOnSqlite = preparedQueryWithin("search_insert", (tx) =>
  tx.insert(onSqlite).values(placeholdersFor(onSqlite, [])),
)

const insertOnPostgres = preparedQueryWithin("search_insert", (tx) =>
  tx.insert(onPostgres).values({
    rowid: sql.placeholder("rowid"),
    names: vectorOf("names"),
    described: vectorOf("described"),
    words: vectorOf("words"),
  }),
)

const folded = (text: string) => searchTerms(text).join(" ")

const vectorOf = (name: string) => sql`to_tsvector('simple', ${sql.placeholder(name)})`

/**
 * The IDs of public models that contain every word of `query`, the last one as a prefix, best match first: exact names,
 * then matches in names, in descriptions, in READMEs. Each step examines a bounded number of the newest models, because
 * ranking all rows of a common word would take seconds.
 */
export async function rankedMatches(query: string, facets: SearchFacets): Promise<number[]> {
  const words = searchTerms(query.slice(0, 1000)).slice(0, maxWords)
  if (words.length === 0) return []

  const named = namesMeant(query, words)
  const found = new Set(await idsNamed(named, facets))
  // Each step finds a subset of these, so once all are found, later steps add nothing. With filters, the steps examine
  // different candidates, so each one is needed.
  const all =
    facets.hardware === undefined && !facets.has_versions ? await idsMatching(words, "*", 3, facets) : undefined
  const isDone = () => found.size >= reach || all?.every((id) => found.has(id))
  // A whole word is faster to look up than a prefix, and more likely meant.
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

/** The possible spellings of a name, in one query. */
const maxNames = 5

async function idsNamed(names: string[], facets: SearchFacets) {
  if (names.length === 0) return []
  const wanted = Array.from({ length: maxNames }, (_, n) => [`name${n}`, names[n] ?? names[0]!] as const)
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

// Words contain only letters and digits, so neither query syntax needs escaping.
function matchOnSqlite(words: string[], ending: Ending, depth: Depth) {
  const columns = ["names", "description", "readme"].slice(0, depth).join(" ")
  const terms = words.map((word, n) => `"${word}"${n === words.length - 1 ? ending : ""}`)
  return `{${columns}} : (${terms.join(" AND ")})`
}

const matchOnPostgres = (words: string[], ending: Ending) =>
  words.map((word, n) => `'${word}'${n === words.length - 1 && ending ? ":*" : ""}`).join(" & ")

type Ranking = { execute(values: Record<string, unknown>): Promise<{ id: number }[]> }

/**
 * The candidates, best match first. `build` creates the query, once per `kind` and set of filters: building takes
 * longer than running it.
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
      // A join rather than `in`, so that both query planners start with the candidates.
      return db
        .select({ id: models.id })
        .from(sql`${candidates} as candidates`)
        .innerJoin(models, eq(models.id, sql`candidates.id`))
        .where(
          // Visibility was checked before: a condition here would tempt SQLite to start with all public models.
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
