import { accessSync, closeSync, constants, existsSync, openSync, statSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"
import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3"

import { makeFolderSync } from "./data-folder"
import type { Db, DatabaseHandle } from "./handle"

type Waiting = {
  fn: (tx: Db) => Promise<unknown>
  resolve(value: unknown): void
  reject(reason: unknown): void
  since: number
}

const unsafeBefore = "3.51.3"
/** Milliseconds that queued writes wait while another process locks the database. Reads do not wait. */
const patience = 5000
/** The maximum number of writes per commit, so that the first does not wait for too many others. */
const maxTogether = 64
/** Milliseconds for which the first write of a commit waits for others that keep arriving. */
const gatherMs = 2

/**
 * SQLite: one writing and one read-only connection. Queued writes are committed together, with one flush to disk; each
 * is rolled back on its own if it throws, and acknowledged only after the commit.
 */
export function openSqlite(file: string): DatabaseHandle {
  makeFolderSync(path.dirname(file))
  createPrivately(file)
  let open = connectBoth(file)
  const queue: Waiting[] = []
  let pumping: Promise<void> | undefined

  async function pump() {
    while (queue.length > 0) {
      await awaitPendingWrites()
      const batch = queue.slice(0, maxTogether)
      try {
        if (await begin(batch[0]!.since)) queue.splice(0, batch.length)
        else batch.length = 0
      } catch (error) {
        for (const { reject } of queue.splice(0, batch.length)) reject(error)
        continue
      }
      if (batch.length > 0) suspect = asksForNewConnections(await commitTogether(open, batch))
    }
    pumping = undefined
  }

  /**
   * Waits for writes that are about to be queued, to share the commit: a commit blocks the process, so new requests are
   * read from their sockets first.
   */
  async function awaitPendingWrites() {
    const until = performance.now() + gatherMs
    for (let known = 0; queue.length > known && queue.length < maxTogether && performance.now() < until;) {
      known = queue.length
      await new Promise(setImmediate)
    }
  }

  /**
   * True if a transaction is open; false if it should be tried again. Throws once the first in the queue has waited
   * long enough.
   */
  async function begin(since: number): Promise<boolean> {
    try {
      stayInPlace()
      // On a read-only database, BEGIN succeeds; only the first change fails.
      if (suspect && reopen()) suspect = false
      open.begin.run()
      return true
    } catch (error) {
      const { code = "" } = error as { code?: string }
      suspect ||= asksForNewConnections(error)
      if (suspect && reopen()) return (suspect = false)
      if (!code.startsWith("SQLITE_BUSY") || performance.now() - since > patience) throw error
      await new Promise((resume) => setTimeout(resume, 20))
      return false
    }
  }

  /** An open file outlives its name: writes after the folder was moved or replaced would be acknowledged and lost. */
  function stayInPlace() {
    const there = statSync(file, { throwIfNoEntry: false })
    if (there?.ino === open.place.ino && there.dev === open.place.dev) return
    if (there) reopen()
    if (!there || statSync(file).ino !== open.place.ino)
      throw Object.assign(new Error(`${file} is gone or was replaced.`), { code: "SQLITE_CANTOPEN" })
  }

  /**
   * True if it worked. A database that becomes writable again is writable only for new connections; the old ones are
   * closed first, because SQLite shares the state of the write-ahead log within a process.
   */
  function reopen(): boolean {
    if (performance.now() - reopened < 250 || !isWritable(file)) return false
    reopened = performance.now()
    closeBoth(open)
    open = connectBoth(file, { fileMustExist: true })
    return true
  }
  let reopened = -Infinity
  let suspect = false

  return {
    get sqlite() {
      return open.writer
    },
    get reader() {
      if (!open.isReading()) {
        if (!open.reader.open) open = connectBoth(file, { fileMustExist: true })
        open.beginReading()
      }
      return open.reading
    },
    // Committed changes of other connections, the writing one included
    // (https://sqlite.org/pragma.html#pragma_data_version).
    version: () =>
      `${open.number} ${open.reader.open && (open.readVersion.get() as { data_version: number }).data_version}`,
    waiting: () => queue.length,
    write<T>(fn: (tx: Db) => Promise<T>) {
      return new Promise<T>((resolve, reject) => {
        queue.push({ fn, resolve: resolve as (value: unknown) => void, reject, since: performance.now() })
        pumping ??= pump()
      })
    },
    async close() {
      await pumping
      closeBoth(open)
    },
  }
}

/** Only the owner may read the database; SQLite gives its other files the same mode. */
function createPrivately(file: string) {
  if (file !== ":memory:" && !existsSync(file)) closeSync(openSync(file, "a", 0o600))
}

/** The number of times connections were opened: each connection counts data versions by itself. */
let connections = 0

function connectBoth(file: string, options?: { fileMustExist: true }) {
  const writer = connect(file, options)
  requireSafeSqlite(writer)
  const reader = connect(file, options)
  reader.pragma("query_only = 1")
  // A writer waiting inside SQLite would block all readers on this thread, so it waits in `begin`.
  writer.pragma("busy_timeout = 0")
  return {
    number: connections++,
    writer,
    reader,
    readVersion: reader.prepare("pragma data_version"),
    begin: writer.prepare("BEGIN IMMEDIATE"),
    ...readTogether(reader),
    tx: drizzle({ client: writer }) as BetterSQLite3Database as Db,
    reading: drizzle({ client: reader }) as BetterSQLite3Database as Db,
    place: statSync(file),
  }
}

/**
 * All reads in one turn of the event loop share a transaction, because checking for new data costs more than a read.
 * Our own writes end it before they are acknowledged; those of other processes are visible from the next turn on.
 */
function readTogether(reader: Database.Database) {
  const [begin, commit] = [reader.prepare("BEGIN"), reader.prepare("COMMIT")]
  let reading = false
  const endReading = () => {
    reading = false
    if (reader.open && reader.inTransaction) commit.run()
  }
  return {
    endReading,
    isReading: () => reading,
    beginReading() {
      reading = true
      if (!reader.inTransaction) begin.run()
      setImmediate(endReading)
    },
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function closeBoth({ writer, reader, endReading }: ReturnType<typeof connectBoth>) {
  endReading()
  reader.close()
  writer.close()
}

function connect(file: string, options?: { fileMustExist: true }) {
  const connection = rememberStatements(new Database(file, { timeout: 5000, ...options }))
  // A read-only database can still be read.
  if (connection.pragma("journal_mode", { simple: true }) !== "wal") connection.pragma("journal_mode = WAL")
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  return connection
}

/**
 * Reuses prepared statements by text: Drizzle prepares one for every query, which is a large part of the cost of a
 * write.
 */
function rememberStatements(connection: Database.Database): Database.Database {
  const known = new Map<string, Database.Statement>()
  const prepare = connection.prepare.bind(connection) as (text: string) => Database.Statement
  connection.prepare = ((text: string) => {
    const statement = known.get(text) ?? prepare(plannedOnce(text))
    if (known.size >= 500) known.clear()
    known.set(text, statement)
    // Reset to the default: callers that want raw values say so.
    return statement.reader ? statement.raw(false) : statement
  }) as typeof connection.prepare
  return connection
}

/**
 * SQLite re-plans a join whenever another value is bound to a bare parameter of `=` or `limit`
 * (https://sqlite.org/c3ref/prepare.html on recompiling), which costs seven times the lookup. It does not do so for the
 * result of a function.
 */
const plannedOnce = (text: string) =>
  /^\s*(select|with)\b/i.test(text) ? text.replace(/(=|\blimit) \?/gi, "$1 ifnull(?, null)") : text

/** Older releases can corrupt a database while its write-ahead log is reset. */
function requireSafeSqlite(connection: Database.Database) {
  const version = connection.prepare("select sqlite_version()").pluck().get() as string
  if (version.localeCompare(unsafeBefore, "en", { numeric: true }) < 0)
    throw new Error(`SQLite ${version} can corrupt databases; ${unsafeBefore} or newer is needed.`)
}

const asksForNewConnections = (error: unknown): boolean =>
  error instanceof Error &&
  (/^SQLITE_(READONLY|CANTOPEN|IOERR)/.test((error as { code?: string }).code ?? "") ||
    asksForNewConnections(error.cause))

// better-sqlite3's transaction() cannot wait for a promise, so the statements are explicit. Returns the first error.
async function commitTogether(
  { writer, tx, endReading }: ReturnType<typeof connectBoth>,
  batch: Waiting[],
): Promise<unknown> {
  let failure: unknown
  const outcomes: (() => void)[] = []
  const alone = batch.length === 1
  try {
    for (const { fn, resolve, reject } of batch) {
      if (!alone) writer.prepare("SAVEPOINT one").run()
      try {
        const value = await fn(tx)
        outcomes.push(() => resolve(value))
      } catch (error) {
        // A full disk rolls back everything; then there is nothing left to commit.
        if (!writer.inTransaction) throw error
        if (alone) throw error
        failure ??= error
        writer.prepare("ROLLBACK TO one").run()
        outcomes.push(() => reject(error))
      }
      if (!alone) writer.prepare("RELEASE one").run()
    }
    // Before the commit, so that no reader blocks the checkpoint; nobody reads in between.
    endReading()
    writer.prepare("COMMIT").run()
  } catch (error) {
    if (writer.inTransaction) writer.exec("ROLLBACK")
    for (const { reject } of batch) reject(error)
    return error
  }
  // One may have read another's changes, so even a refusal is only valid now.
  for (const answer of outcomes) answer()
  return failure
}
