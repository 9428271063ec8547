import type Database from "better-sqlite3"
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3"
import type postgres from "postgres"

/** A connection to query with: Drizzle's own builder, typed as SQLite's on either database (see kit.ts). */
export type Db = Omit<BetterSQLite3Database, "transaction" | "run" | "all" | "get" | "values">

/** What the rest of the program needs from an open database. */
export type Engine = {
  readonly reader: Db
  write<T>(fn: (tx: Db) => Promise<T>, row?: string): Promise<T>
  close(): Promise<void>
  /** The driver's own handles, for migrations and the doctor. */
  readonly sqlite?: Database.Database
  readonly pg?: postgres.Sql
  /** Writes that wait for their turn. */
  waiting?(): number
}
