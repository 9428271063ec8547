import "server-only"

import { AsyncLocalStorage } from "node:async_hooks"
import path from "node:path"

import { env } from "@/env"
import type { Db, DatabaseHandle } from "./handle"
import { dialect } from "./kit"
import { clientOf, openPostgres } from "./postgres"
import { compiledForPostgres, compiledQuery } from "./compiled-query"
import { openSqlite } from "./sqlite"

export type { Db, DatabaseHandle }

/** The path of the SQLite database. */
export const sqlitePath = () => path.resolve(env.DATA_DIR, "understudy.db")

// One handle per process, shared by all bundles.
const slot = globalThis as typeof globalThis & { [handleKey]?: DatabaseHandle }
// The key contains the database's address, so that each database has its own handle.
const handleKey = Symbol.for(`understudy.database ${env.DATABASE_URL ?? sqlitePath()}`)

/** The open database, opened on first use, because a build loads this file and must not need one. */
export function databaseHandle(): DatabaseHandle {
  return (slot[handleKey] ??= dialect === "pg" ? openPostgres(env.DATABASE_URL!) : openSqlite(sqlitePath()))
}

/** For reads. On SQLite this connection is read-only, so that a forgotten `write` fails immediately. */
export const read = (): Db => databaseHandle().reader

/**
 * One transaction on either database: what `fn` reads is still true when it commits. `fn` may run again after a
 * conflict, so it must have no other effects. Rejects with what `fn` threw, rolled back. `row` names a row that `fn`
 * changes, such as "owner 7": on PostgreSQL, writes with the same name are queued instead of conflicting.
 */
export function write<T>(fn: (tx: Db) => Promise<T>, row?: string): Promise<T> {
  if (writing.getStore()) throw new Error("write() inside write() would wait for itself: pass tx along.")
  return writing.run(true, () => databaseHandle().write(fn, row))
}
const writing = new AsyncLocalStorage<true>()

/**
 * One statement that is correct by itself, such as an upsert that counts. On PostgreSQL it runs without a transaction,
 * so that concurrent ones wait for each other's row; serializable ones would be retried.
 */
export const writeStatement = <T>(fn: (tx: Db) => Promise<T>): Promise<T> =>
  databaseHandle().pg ? fn(read()) : write(fn)

/** A query that is prepared on first use; `name` identifies it to PostgreSQL. */
export function preparedQuery<Q extends { prepare(): unknown }>(
  name: string,
  build: (db: Db) => Q,
): () => ReturnType<Q["prepare"]> {
  let prepared: { reader: Db; query: unknown } | undefined
  return () => {
    const { reader } = databaseHandle()
    if (prepared?.reader !== reader)
      prepared = { reader, query: compiledQuery((build(reader) as { prepare(name: string): unknown }).prepare(name)) }
    return prepared.query as ReturnType<Q["prepare"]>
  }
}

/**
 * `preparedQuery` inside a transaction. On PostgreSQL, where each transaction has a client of its own, it is built and
 * compiled once for all of them.
 */
export function preparedQueryWithin<Q extends { prepare(): unknown }>(
  name: string,
  build: (tx: Db) => Q,
): (tx: Db) => ReturnType<Q["prepare"]> {
  const prepare = (tx: Db) => (build(tx) as { prepare(name: string): unknown }).prepare(`${name}_within`)
  const prepared = new WeakMap<Db, unknown>()
  let compiled: ReturnType<typeof compiledForPostgres>
  return (tx) => {
    if (dialect === "pg") compiled ??= compiledForPostgres(prepare(tx))
    if (compiled) return { execute: compiled(clientOf(tx)) } as ReturnType<Q["prepare"]>
    const query = prepared.get(tx) ?? compiledQuery(prepare(tx))
    prepared.set(tx, query)
    return query as ReturnType<Q["prepare"]>
  }
}

/** Closes all connections; the next query opens them again. */
export async function closeDatabase(): Promise<void> {
  const current = slot[handleKey]
  delete slot[handleKey]
  await current?.close()
}
