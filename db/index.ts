import "server-only"

import { AsyncLocalStorage } from "node:async_hooks"
import path from "node:path"
import type Database from "better-sqlite3"
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3"
import { drizzle as drizzlePg } from "drizzle-orm/postgres-js"
import postgres from "postgres"

import { env } from "@/env"
import { dialect } from "./kit"
import { settled } from "./prepared"
import { openSqlite } from "./sqlite"

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

/** Where SQLite keeps everything. */
export const sqlitePath = () => path.resolve(env.DATA_DIR, "understudy.db")

// One engine a process, whichever bundle asks for it.
const slot = globalThis as typeof globalThis & { [engineKey]?: Engine }
// Named after its database, so that nobody is handed the engine of another one.
const engineKey = Symbol.for(`understudy.database ${env.DATABASE_URL ?? sqlitePath()}`)

/** The open database. Opening is put off to the first query, because a build loads this file and must not need one. */
export function engine(): Engine {
  return (slot[engineKey] ??= dialect === "pg" ? openPostgres(env.DATABASE_URL!) : openSqlite(sqlitePath()))
}

/** For reads. On SQLite this connection cannot write, so a forgotten `write` fails at once instead of now and then. */
export const read = (): Db => engine().reader

/**
 * One transaction, on either database: what `fn` reads is still true when it commits.
 * `fn` may run again after a conflict, so it changes nothing but the database. Rejects with what `fn` threw, rolled back.
 * `row` names the row that `fn` is known to change, such as "owner 7": on PostgreSQL those that name the same one go one after the other
 * from the start, instead of turning each other away.
 */
export function write<T>(fn: (tx: Db) => Promise<T>, row?: string): Promise<T> {
  if (writing.getStore()) throw new Error("write() inside write() would wait for itself: pass tx along.")
  return writing.run(true, () => engine().write(fn, row))
}
const writing = new AsyncLocalStorage<true>()

/**
 * One statement that is right by itself, such as an upsert that counts. On PostgreSQL it runs without a transaction around it, so that
 * many at once wait for each other's row; serializable ones would start over instead.
 */
export const writeStatement = <T>(fn: (tx: Db) => Promise<T>): Promise<T> => (engine().pg ? fn(read()) : write(fn))

/** A query prepared once, when it is first needed; `name` identifies it to PostgreSQL. */
export function hot<Q extends { prepare(): unknown }>(
  name: string,
  build: (db: Db) => Q,
): () => ReturnType<Q["prepare"]> {
  let prepared: { reader: Db; query: unknown } | undefined
  return () => {
    const { reader } = engine()
    if (prepared?.reader !== reader)
      prepared = { reader, query: settled((build(reader) as { prepare(name: string): unknown }).prepare(name)) }
    return prepared.query as ReturnType<Q["prepare"]>
  }
}

/** Ends every connection; the next query opens them again. */
export async function closeDatabase(): Promise<void> {
  const current = slot[engineKey]
  delete slot[engineKey]
  await current?.close()
}

function openPostgres(url: string): Engine {
  const text = { to: 25, from: [], serialize: withoutNul, parse: String }
  const client = postgres(url, {
    fetch_types: false,
    max: env.DATABASE_CONNECTIONS,
    connect_timeout: 5,
    onnotice: () => {},
    types: { text },
  })
  const db = drizzlePg({ client })

  return {
    pg: client,
    reader: db as unknown as Db,
    write: (fn, row) =>
      inTurn(row, () =>
        retried(() => db.transaction((tx) => fn(tx as unknown as Db), { isolationLevel: "serializable" })),
      ),
    close: () => client.end({ timeout: 5 }),
  }
}

/** PostgreSQL keeps no NUL and refuses to look for one, where SQLite answers that there is none such. */
const withoutNul = (text: unknown) => String(text).replaceAll("\0", "\ufffd")

/** Runs it once everything of the same name that came before has ended. */
function inTurn<T>(name: string | undefined, run: () => Promise<T>): Promise<T> {
  if (name === undefined) return run()
  const turn = (turns.get(name) ?? Promise.resolve()).then(run)
  const ended = turn.catch(() => {}).then(() => void (turns.get(name) === ended && turns.delete(name)))
  turns.set(name, ended)
  return turn
}
const turns = new Map<string, Promise<unknown>>()

/**
 * PostgreSQL asks a serializable transaction to come again when another one got in its way. Who was turned away twice waits in line, one
 * of them at a time: a crowd at one row would turn each other away for ever.
 */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  const again = async (rounds: number): Promise<T> => {
    for (let round = 1; ; round++) {
      try {
        return await attempt()
      } catch (error) {
        if (round === rounds || !isConflict(error)) throw error
        await new Promise((resume) => setTimeout(resume, Math.random() * Math.min(5 * round, 100)))
      }
    }
  }
  try {
    return await again(2)
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  const turn = line.then(() => again(50))
  line = turn.catch(() => {})
  return turn
}
let line: Promise<unknown> = Promise.resolve()

function isConflict(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: unknown }
  if (code === "40001" || code === "40P01") return true
  return cause instanceof Error && isConflict(cause)
}
