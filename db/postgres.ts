import { Socket } from "node:net"
import { PgDialect } from "drizzle-orm/pg-core"
import { drizzle, PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js"
import postgres from "postgres"

import { env } from "@/env"
import type { Db, DatabaseHandle } from "./handle"

/** PostgreSQL: a connection pool, and writes that are retried after conflicts. */
export function openPostgres(url: string): DatabaseHandle {
  const text = { to: 25, from: [], serialize: withoutNul, parse: String }
  // Parsed by the column, without rounding numbers; see document() in kit.ts.
  const document = { to: 114, from: [114], serialize: String, parse: String }
  const sockets = new Set<Socket>()
  const settings = {
    fetch_types: false,
    max: env.DATABASE_CONNECTIONS,
    connect_timeout: 5,
    // So that a connection that is silent for longer owes an answer; see `watch`.
    idle_timeout: 30,
    // Queries wait for the next attempt: the driver's 20 seconds are too long for requests, which are to get 503.
    backoff: (retries: number) => Math.min(3 ** retries / 100, longestBackoff),
    onnotice: () => {},
    types: { text, document },
    // Only the driver can choose among several hosts.
    ...(!severalHosts.test(url) && { socket: (address: Address) => connectTo(address, sockets) }),
  }
  const client = postgres(url, settings)
  const db = drizzle({ client })

  const transaction: Transaction = async (writes, values = []) => {
    await client.begin("isolation level serializable", async (client) => {
      const tx = transactionOf(client)
      for (const fn of writes) values.push(await fn(tx))
    })
    return values
  }

  return {
    pg: client,
    reader: db as unknown as Db,
    write: (fn, row) =>
      (row === undefined ? alone(transaction, fn) : queued(transaction, fn, row)) as ReturnType<typeof fn>,
    // The snapshot of visible transactions, which every write changes.
    version: async () => (await client`select pg_current_snapshot()::text as version`)[0]!.version as string,
    watch: (report, times) => watch(client, sockets, report, times),
    close: () => client.end({ timeout: 5 }),
  }
}

/** The longest time in seconds between attempts to connect. */
const longestBackoff = 1

/** Such as postgres://one:5432,two:5432/database. */
const severalHosts = /^\w+:\/\/[^/?]*,/

/** The driver's parsed address. */
type Address = { host: string[]; port: number[]; path?: string | false; idle_timeout: number | null }

/** The connection that waits for messages of other servers, which may be silent for hours. */
const listening = new WeakSet<Socket>()

/** A socket as the driver makes it, which is kept in `sockets` until it closes. It may still be connecting. */
function connectTo({ host, port, path, idle_timeout }: Address, sockets: Set<Socket>): Socket {
  const socket = new Socket()
  sockets.add(socket)
  socket.once("close", () => sockets.delete(socket))
  // The driver takes the name for TLS from here.
  Object.assign(socket, { host: host[0], port: port[0] })
  if (idle_timeout === null) listening.add(socket)
  return path ? socket.connect(path) : socket.connect(port[0]!, host[0]!)
}

/**
 * Asks the database for a sign of life every few seconds. If neither the answer nor anything else arrives, all
 * connections are cut: their queries fail, and the next ones connect anew. If only some connections are dead, they are
 * cut a little later. A firewall that drops packets, or a server that lost its address, closes no connection, and the
 * system would wait for a quarter of an hour. The returned function stops.
 */
function watch(
  client: postgres.Sql,
  sockets: Set<Socket>,
  report: () => void,
  { every = 5000, patience = 15_000, silence = 60_000 } = {},
): () => void {
  let waiting = false
  const heard = new WeakMap<Socket, { bytes: number; at: number }>()
  function cut(dead: Socket[]) {
    if (dead.length === 0) return
    report()
    for (const socket of dead) socket.destroy()
  }
  function isSilent(socket: Socket) {
    const known = heard.get(socket)
    if (known?.bytes === socket.bytesRead) return !listening.has(socket) && performance.now() - known.at > silence
    heard.set(socket, { bytes: socket.bytesRead, at: performance.now() })
    return false
  }
  async function ask() {
    cut([...sockets].filter(isSilent))
    if (waiting) return
    waiting = true
    let known = bytesOf(sockets)
    // While anything arrives, the database lives, and the question waits for a connection like every other query.
    const late = setInterval(() => {
      if ([...known].every(([socket, bytes]) => socket.bytesRead === bytes)) cut([...sockets])
      known = bytesOf(sockets)
    }, patience).unref()
    await client`select 1`.catch(() => {})
    clearInterval(late)
    waiting = false
  }
  const asking = setInterval(() => void ask(), every).unref()
  return () => clearInterval(asking)
}

const bytesOf = (sockets: Set<Socket>) => new Map([...sockets].map((socket) => [socket, socket.bytesRead]))

type Write = (tx: Db) => Promise<unknown>
/** Runs writes in one transaction and collects their values, also in `values`. */
type Transaction = (writes: Write[], values?: unknown[]) => Promise<unknown[]>

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

type Waiting = { fn: Write; resolve(value: unknown): void; reject(reason: unknown): void }

/**
 * Runs writes of the same row in the order in which they are queued. Those that wait meanwhile share the next
 * transaction, and so its flush to disk. If one of them throws or conflicts, each gets its own.
 */
function queued(transaction: Transaction, fn: Write, row: string): Promise<unknown> {
  async function runAll(queue: Waiting[]) {
    while (queue.length > 0) {
      const batch = queue.splice(0, maxTogether)
      if (batch.length > 1 && (await areDone(transaction, batch))) continue
      for (const { fn, resolve, reject } of batch) await alone(transaction, fn).then(resolve, reject)
    }
    queues.delete(row)
  }
  return new Promise((resolve, reject) => {
    const waiting = { fn, resolve, reject }
    const queue = queues.get(row)
    if (queue) return void queue.push(waiting)
    const started = [waiting]
    queues.set(row, started)
    void runAll(started)
  })
}
const queues = new Map<string, Waiting[]>()
/** The maximum number of writes per transaction, so that the first does not wait for too many others. */
const maxTogether = 32

/** Runs a batch in one transaction. False if it was rolled back; otherwise, all of the batch are answered. */
async function areDone(transaction: Transaction, batch: Waiting[]): Promise<boolean> {
  const values: unknown[] = []
  try {
    await transaction(
      batch.map(({ fn }) => fn),
      values,
    )
    for (const [n, { resolve }] of batch.entries()) resolve(values[n])
  } catch (error) {
    // Once the commit was sent, a lost connection does not tell whether it was done.
    if (values.length < batch.length || isConflict(error)) return false
    for (const { reject } of batch) reject(error)
  }
  return true
}

/** Runs a write in its own transaction. */
const alone = async (transaction: Transaction, fn: Write) => (await retried(() => transaction([fn])))[0]

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
