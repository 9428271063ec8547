import type Database from "better-sqlite3"
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3"
import type postgres from "postgres"

/** A connection for queries: Drizzle's builder, typed as SQLite's for both databases (see kit.ts). */
export type Db = Omit<BetterSQLite3Database, "transaction" | "run" | "all" | "get" | "values">

/** An open database. */
export type DatabaseHandle = {
  readonly reader: Db
  write<T>(fn: (tx: Db) => Promise<T>, row?: string): Promise<T>
  /** A text that changes whenever something is committed. */
  version(): string | Promise<string>
  /**
   * Cuts connections that have become silent, and calls `report`, until the returned function is called. For servers,
   * once migrated. Times are in milliseconds.
   */
  watch?(report: () => void, times?: { every?: number; patience?: number; silence?: number }): () => void
  close(): Promise<void>
  /** The driver's handles, for migrations and the doctor. */
  readonly sqlite?: Database.Database
  readonly pg?: postgres.Sql
  /** The number of queued writes. */
  waiting?(): number
}
