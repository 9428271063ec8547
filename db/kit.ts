import * as pg from "drizzle-orm/pg-core"
import * as sqlite from "drizzle-orm/sqlite-core"

import { parseExactly } from "./exact-json"

/**
 * One spelling for both databases. The builders are PostgreSQL's when DATABASE_URL names one and SQLite's otherwise;
 * TypeScript sees SQLite's in either case, so the schema and every query are written and checked once.
 */
export const dialect: "sqlite" | "pg" = /^postgres(ql)?:/.test(process.env.DATABASE_URL ?? "") ? "pg" : "sqlite"

const pick = <S>(forSqlite: S, forPg: unknown): S => (dialect === "pg" ? (forPg as S) : forSqlite)

export const table = pick(sqlite.sqliteTable, pg.pgTable)
export const index = pick(sqlite.index, pg.index)
export const uniqueIndex = pick(sqlite.uniqueIndex, pg.uniqueIndex)
export const foreignKey = pick(sqlite.foreignKey, pg.foreignKey)
export const primaryKey = pick(sqlite.primaryKey, pg.primaryKey)
export const alias = pick(sqlite.alias, pg.alias)

/** An ascending number that never leaves the server. */
export const id = pick(
  () => sqlite.integer().primaryKey({ autoIncrement: true }),
  () => pg.bigserial({ mode: "number" }).primaryKey(),
)
export const text = pick(
  () => sqlite.text(),
  () => pg.text(),
)
/** A whole number up to 2^53, counts and ids of other rows alike. */
export const integer = pick(
  () => sqlite.integer(),
  () => pg.bigint({ mode: "number" }),
)
export const flag = pick(
  () => sqlite.integer({ mode: "boolean" }),
  () => pg.boolean(),
)
/** A JSON document, kept as text on SQLite and as jsonb on PostgreSQL. */
export const json = pick(
  () => sqlite.text({ mode: "json" }),
  () => pg.jsonb(),
)
/** A JSON document that keeps the order of its keys and the value of its numbers, which jsonb would not. */
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
/** A moment as ISO-8601 UTC text with microseconds, so that text order is time order. */
export const moment = text

/** Keeps others from changing the rows of `of` that a query of a transaction reads, until it ends. On SQLite nobody else writes meanwhile anyway. */
export function locked<Q>(query: Q, of: object): Q {
  return dialect === "pg" ? (query as { for(strength: string, config: object): Q }).for("share", { of }) : query
}
