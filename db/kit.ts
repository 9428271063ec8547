import { getTableColumns, sql, type Placeholder, type SQL, type SQLWrapper, type Table } from "drizzle-orm"
import * as pg from "drizzle-orm/pg-core"
import * as sqlite from "drizzle-orm/sqlite-core"

import { parseExactly } from "./exact-json"

/**
 * One schema for both databases. The builders are PostgreSQL's if DATABASE_URL names one, otherwise SQLite's;
 * TypeScript always sees SQLite's, so that schema and queries are written and checked once.
 */
export const dialect: "sqlite" | "pg" = /^postgres(ql)?:/.test(process.env.DATABASE_URL ?? "") ? "pg" : "sqlite"

const pick = <S>(forSqlite: S, forPg: unknown): S => (dialect === "pg" ? (forPg as S) : forSqlite)

export const table = pick(sqlite.sqliteTable, pg.pgTable)
export const index = pick(sqlite.index, pg.index)
export const uniqueIndex = pick(sqlite.uniqueIndex, pg.uniqueIndex)
export const foreignKey = pick(sqlite.foreignKey, pg.foreignKey)
export const primaryKey = pick(sqlite.primaryKey, pg.primaryKey)
export const alias = pick(sqlite.alias, pg.alias)

/** An ascending internal number. */
export const id = pick(
  () => sqlite.integer().primaryKey({ autoIncrement: true }),
  () => pg.bigserial({ mode: "number" }).primaryKey(),
)
export const text = pick(
  () => sqlite.text(),
  () => pg.text(),
)
/** A whole number up to 2^53, for counts and IDs of other rows. */
export const integer = pick(
  () => sqlite.integer(),
  () => pg.bigint({ mode: "number" }),
)
export const flag = pick(
  () => sqlite.integer({ mode: "boolean" }),
  () => pg.boolean(),
)
/** A JSON document, text on SQLite and jsonb on PostgreSQL. */
export const json = pick(
  () => sqlite.text({ mode: "json" }),
  () => pg.jsonb(),
)
/** A JSON document that keeps the order of its keys, unlike jsonb. */
export const document = pick(
  sqlite.customType<{ data: unknown; driverData: string }>({
    dataType: () => "text",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: parseExactly,
  }),
  pg.customType<{ data: unknown; driverData: string }>({
    dataType: () => "json",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: parseExactly,
  }),
)
/** A time as ISO-8601 UTC text with microseconds, so that text order is time order. */
export const timestamp = text

/** The size of a text or JSON column in bytes. SQLite finds it without reading the column. */
export const bytesOf = (column: SQLWrapper): SQL<number> =>
  (dialect === "pg"
    ? sql<number>`coalesce(octet_length(${column}::text), 0)`
    : sql<number>`coalesce(octet_length(${column}), 0)`
  ).mapWith(Number)

/**
 * The number of the time span that contains a moment, counted from `from`; each span has `seconds` seconds. `from` is
 * the ISO timestamp of a whole second.
 */
export const timeBucketOf = (column: SQLWrapper, from: string, seconds: number): SQL<number> =>
  (dialect === "pg"
    ? sql<number>`floor(extract(epoch from ${column}::timestamptz - ${from}::timestamptz) / ${seconds}::integer)`
    : sql<number>`cast((strftime('%s', ${column}) - strftime('%s', ${from})) / ${seconds} as integer)`
  ).mapWith(Number)

/** Locks the rows of `of` that a query in a transaction reads, until it ends. SQLite has only one writer anyway. */
export const locked = <Q>(query: Q, of: object): Q => lockedFor("share", query, of)

/**
 * `locked` for rows that the transaction may change: concurrent changes wait, which prevents deadlocks. Rows that refer
 * to them can be written meanwhile.
 */
export const lockedToChange = <Q>(query: Q, of: object): Q => lockedFor("no key update", query, of)

const lockedFor = <Q>(strength: "share" | "no key update", query: Q, of: object): Q =>
  dialect === "pg" ? (query as { for(strength: string, config: object): Q }).for(strength, { of }) : query

/**
 * Whether a text column begins with a prefix of lowercase letters, digits and punctuation. On SQLite, unlike LIKE, it
 * uses an index of the column; PostgreSQL collates text by language, so a range would match other rows.
 */
export const beginsWith = (column: sqlite.AnySQLiteColumn, prefix: string): SQL =>
  dialect === "pg"
    ? sql`${column} like ${`${prefix}%`}`
    : sql`(${column} >= ${prefix} and ${column} < ${prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)})`

/** Whether a text column contains a text, whose letters A–Z may be of either case; PostgreSQL disregards all case. */
export const contains = (column: SQLWrapper, part: string): SQL =>
  dialect === "pg"
    ? sql`strpos(lower(${column}::text), lower(${part})) > 0`
    : sql`instr(lower(${column}), lower(${part})) > 0`

/**
 * A placeholder for a JSON column that may be null, in a prepared statement. Its value comes from `jsonText`, because a
 * placeholder for the column itself turns null into the JSON `null`.
 */
export const jsonPlaceholder = (name: string): SQL =>
  dialect === "pg" ? sql`cast(cast(${sql.placeholder(name)} as text) as json)` : sql`${sql.placeholder(name)}`

/** The value of a `jsonPlaceholder`. */
export const jsonText = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value)

/**
 * Placeholders for all columns of a table except `omitted`, which are null: the values of a prepared insert, because
 * building an insert takes longer than running it. A JSON column gets the JSON `null` for null, so omit it instead.
 */
export const placeholdersFor = <T extends Table, K extends keyof T["_"]["columns"]>(of: T, omitted: readonly K[]) =>
  Object.fromEntries(
    Object.keys(getTableColumns(of))
      .filter((name) => !(omitted as readonly string[]).includes(name))
      .map((name) => [name, sql.placeholder(name)]),
  ) as Record<Exclude<keyof T["_"]["columns"], K>, Placeholder>
