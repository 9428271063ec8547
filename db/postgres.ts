import { PgDialect } from "drizzle-orm/pg-core"
import { drizzle, PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js"
import postgres from "postgres"

import { env } from "@/env"
import type { Db, Engine } from "./engine"

/** PostgreSQL: a connection pool, and writes that are retried after conflicts. */
export function openPostgres(url: string): Engine {
  const text = { to: 25, from: [], serialize: withoutNul, parse: String }
  // Parsed by the column, without rounding numbers; see document() in kit.ts.
  const document = { to: 114, from: [114], serialize: String, parse: String }
  const client = postgres(url, {
    fetch_types: false,
    max: env.DATABASE_CONNECTIONS,
    connect_timeout: 5,
    onnotice: () => {},
    types: { text, document },
  })
  const db = drizzle({ client })

  return {
    pg: client,
    reader: db as unknown as Db,
    write: (fn, row) =>
      inTurn(row, () =>
        retried(() => client.begin("isolation level serializable", (client) => fn(transactionOf(client)))),
      ) as ReturnType<typeof fn>,
    // The snapshot of visible transactions, which every write changes.
    version: async () => (await client`select pg_current_snapshot()::text as version`)[0]!.version as string,
    close: () => client.end({ timeout: 5 }),
  }
}

// Drizzle's own transactions set the isolation level with another statement, and so another round trip.
function transactionOf(client: postgres.TransactionSql): Db {
  // Not awaited, because the next statement follows it on the same connection; `begin` rejects if it fails.
  void client.unsafe(preferIndexes).execute()
  const session = new PostgresJsSession(client as never, pgDialect, undefined)
  return new PostgresJsTransaction(pgDialect, session as never, undefined) as unknown as Db
}
const pgDialect = new PgDialect()

// Small tables are otherwise read as a whole, and then a serializable transaction conflicts with every change to them
// (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE).
const preferIndexes = "set local random_page_cost = 0.1"

/** The driver's client of a database or a transaction on PostgreSQL. */
export const clientOf = (db: Db): postgres.Sql =>
  (db as unknown as { _: { session: { client: postgres.Sql } } })._.session.client

/** PostgreSQL rejects NUL even in queries, where SQLite just finds nothing. */
const withoutNul = (text: unknown) => String(text).replaceAll("\0", "\ufffd")

/** Runs it after everything queued under the same name. */
function inTurn<T>(name: string | undefined, run: () => Promise<T>): Promise<T> {
  if (name === undefined) return run()
  const turn = (turns.get(name) ?? Promise.resolve()).then(run)
  const ended = turn.catch(() => {}).then(() => void (turns.get(name) === ended && turns.delete(name)))
  turns.set(name, ended)
  return turn
}
const turns = new Map<string, Promise<unknown>>()

/**
 * Retries serializable transactions after conflicts. After two conflicts they queue and run one at a time, because many
 * transactions on one row would conflict forever.
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
