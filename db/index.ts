import "server-only"

import { AsyncLocalStorage } from "node:async_hooks"
import { mkdirSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"
import { drizzle as drizzleSqlite, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3"
import { drizzle as drizzlePg } from "drizzle-orm/postgres-js"
import postgres from "postgres"

import { env } from "@/env"
import { dialect } from "./kit"

/** A connection to query with: Drizzle's own builder, typed as SQLite's on either database (see kit.ts). */
export type Db = Omit<BetterSQLite3Database, "transaction" | "run" | "all" | "get" | "values">

/** What the rest of the program needs from an open database. */
type Engine = {
  reader: Db
  write<T>(fn: (tx: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
  /** The driver's own handles, for migrations and the doctor. */
  sqlite?: Database.Database
  pg?: postgres.Sql
}

const unsafeBefore = "3.51.3"
const sqlitePath = () => path.resolve(env.DATA_DIR, "understudy.db")

// One engine a process, whichever bundle asks for it.
const slot = globalThis as typeof globalThis & { [engineKey]?: Engine }
const engineKey = Symbol.for("understudy.database")

/** The open database. Opening is put off to the first query, because a build loads this file and must not need one. */
export function engine(): Engine {
  return (slot[engineKey] ??= dialect === "pg" ? openPostgres(env.DATABASE_URL!) : openSqlite(sqlitePath()))
}

/** For reads. On SQLite this connection cannot write, so a forgotten `write` fails at once instead of now and then. */
export const read = (): Db => engine().reader

/**
 * One transaction, on either database: what `fn` reads is still true when it commits.
 * `fn` may run again after a conflict, so it changes nothing but the database. Rejects with what `fn` threw, rolled back.
 */
export function write<T>(fn: (tx: Db) => Promise<T>): Promise<T> {
  if (writing.getStore()) throw new Error("write() inside write() would wait for itself: pass tx along.")
  return writing.run(true, () => engine().write(fn))
}
const writing = new AsyncLocalStorage<true>()

/** A query prepared once, when it is first needed; `name` identifies it to PostgreSQL. */
export function hot<Q extends { prepare(): unknown }>(name: string, build: (db: Db) => Q): () => ReturnType<Q["prepare"]> {
  const prepared = new WeakMap<Engine, unknown>()
  return () => {
    const current = engine()
    if (!prepared.has(current)) {
      prepared.set(current, (build(current.reader) as { prepare(name: string): unknown }).prepare(name))
    }
    return prepared.get(current) as ReturnType<Q["prepare"]>
  }
}

/** Ends every connection; the next query opens them again. */
export async function closeDatabase(): Promise<void> {
  const current = slot[engineKey]
  delete slot[engineKey]
  await current?.close()
}

function openSqlite(file: string): Engine {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const writer = connect(file)
  requireSafeSqlite(writer)
  const reader = connect(file)
  reader.pragma("query_only = 1")

  const tx = drizzleSqlite({ client: writer }) as Db
  let last: Promise<unknown> = Promise.resolve()

  return {
    sqlite: writer,
    reader: drizzleSqlite({ client: reader }) as Db,
    write(fn) {
      const turn = last.then(() => transact(writer, () => fn(tx)))
      last = turn.catch(() => {})
      return turn
    },
    async close() {
      await last
      reader.close()
      writer.close()
    },
  }
}

function connect(file: string) {
  const connection = new Database(file, { timeout: 5000 })
  connection.pragma("journal_mode = WAL")
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  return connection
}

/** Older releases can corrupt a database while its write-ahead log is reset. */
function requireSafeSqlite(connection: Database.Database) {
  const version = connection.prepare("select sqlite_version()").pluck().get() as string
  if (version.localeCompare(unsafeBefore, "en", { numeric: true }) < 0)
    throw new Error(`SQLite ${version} can corrupt databases; ${unsafeBefore} or newer is needed.`)
}

// better-sqlite3's own transaction() cannot wait for a promise, so the three statements are spelled out.
async function transact<T>(connection: Database.Database, fn: () => Promise<T>): Promise<T> {
  connection.exec("BEGIN IMMEDIATE")
  try {
    const result = await fn()
    connection.exec("COMMIT")
    return result
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK")
    throw error
  }
}

function openPostgres(url: string): Engine {
  const client = postgres(url, { max: env.DATABASE_CONNECTIONS, onnotice: () => {} })
  const db = drizzlePg({ client })

  return {
    pg: client,
    reader: db as unknown as Db,
    write: (fn) => retried(() => db.transaction((tx) => fn(tx as unknown as Db), { isolationLevel: "serializable" })),
    close: () => client.end({ timeout: 5 }),
  }
}

/** PostgreSQL asks a serializable transaction to come again when another one got in its way. */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await attempt()
    } catch (error) {
      if (round === 50 || !isConflict(error)) throw error
      await new Promise((resume) => setTimeout(resume, Math.random() * Math.min(5 * round, 100)))
    }
  }
}

function isConflict(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: unknown }
  if (code === "40001" || code === "40P01") return true
  return cause instanceof Error && isConflict(cause)
}
