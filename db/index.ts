import "server-only"

import { AsyncLocalStorage } from "node:async_hooks"
import path from "node:path"

import { env } from "@/env"
import type { Db, Engine } from "./engine"
import { dialect } from "./kit"
import { openPostgres } from "./postgres"
import { compiledQuery } from "./compiled-query"
import { openSqlite } from "./sqlite"

export type { Db, Engine }

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
export function preparedQuery<Q extends { prepare(): unknown }>(
  name: string,
  build: (db: Db) => Q,
): () => ReturnType<Q["prepare"]> {
  let prepared: { reader: Db; query: unknown } | undefined
  return () => {
    const { reader } = engine()
    if (prepared?.reader !== reader)
      prepared = { reader, query: compiledQuery((build(reader) as { prepare(name: string): unknown }).prepare(name)) }
    return prepared.query as ReturnType<Q["prepare"]>
  }
}

/** The same for queries of a transaction. Where every one has a connection of its own it is only built anew, not prepared. */
export function preparedQueryWithin<Q extends { prepare(): unknown }>(
  name: string,
  build: (tx: Db) => Q,
): (tx: Db) => ReturnType<Q["prepare"]> {
  const prepared = new WeakMap<Db, unknown>()
  return (tx) => {
    const query =
      prepared.get(tx) ?? compiledQuery((build(tx) as { prepare(name: string): unknown }).prepare(`${name}_within`))
    prepared.set(tx, query)
    return query as ReturnType<Q["prepare"]>
  }
}

/** Ends every connection; the next query opens them again. */
export async function closeDatabase(): Promise<void> {
  const current = slot[engineKey]
  delete slot[engineKey]
  await current?.close()
}
