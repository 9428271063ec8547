import { accessSync, constants, mkdirSync, statSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"
import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3"

import type { Db, Engine } from "./engine"

type Waiting = {
  fn: (tx: Db) => Promise<unknown>
  resolve(value: unknown): void
  reject(reason: unknown): void
  since: number
}

const unsafeBefore = "3.51.3"
/** How long a write waits while another process has the database; nobody else waits with it. */
const patience = 5000
/** Writes that share one commit at most, so that the first of them is not kept waiting for too many others. */
const mostTogether = 64

/**
 * SQLite: one connection that writes and one that only reads. Writes that wait for their turn are committed together, which costs one
 * flush to the disk for all of them; each is undone on its own when it throws, and answered only once the commit is on disk.
 */
export function openSqlite(file: string): Engine {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  let open = connectBoth(file)
  const queue: Waiting[] = []
  let pumping: Promise<void> | undefined

  async function pump() {
    while (queue.length > 0) {
      await whoeverIsComing()
      const batch = queue.slice(0, mostTogether)
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

  /** A commit holds up the whole process, and whoever asked meanwhile still waits in a socket: they are let in first, to share the next one. */
  async function whoeverIsComing() {
    for (let known = 0; queue.length > known && queue.length < mostTogether;) {
      known = queue.length
      await new Promise(setImmediate)
    }
  }

  /** True when a transaction is open; false when it is worth trying again. Throws once the first in the queue has waited long enough. */
  async function begin(since: number): Promise<boolean> {
    try {
      stayInPlace()
      // To a database that may only be read, beginning succeeds: it is the first change that fails.
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

  /** An open file outlives its name: what is written after the folder was moved away or replaced would be acknowledged and lost. */
  function stayInPlace() {
    const there = statSync(file, { throwIfNoEntry: false })
    if (there?.ino === open.place.ino && there.dev === open.place.dev) return
    if (there) reopen()
    if (!there || statSync(file).ino !== open.place.ino)
      throw Object.assign(new Error(`${file} is gone or was replaced.`), { code: "SQLITE_CANTOPEN" })
  }

  /**
   * True when it was done. What could not be written a moment ago may be writable again, but only to connections that were opened since;
   * and the old ones go first, because SQLite lets all of a process share what they know of the write-ahead log.
   */
  function reopen(): boolean {
    if (performance.now() - reopened < 250 || !isWritable(file)) return false
    reopened = performance.now()
    closeBoth(open)
    open = connectBoth(file)
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
        if (!open.reader.open) open = connectBoth(file)
        open.beginReading()
      }
      return open.reading
    },
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

function connectBoth(file: string) {
  const writer = connect(file)
  requireSafeSqlite(writer)
  const reader = connect(file)
  reader.pragma("query_only = 1")
  // A writer that waits inside SQLite would stop every reader with it: there is one thread. It waits in `begin` instead.
  writer.pragma("busy_timeout = 0")
  return {
    writer,
    reader,
    begin: writer.prepare("BEGIN IMMEDIATE"),
    ...readTogether(reader),
    tx: drizzle({ client: writer }) as BetterSQLite3Database as Db,
    reading: drizzle({ client: reader }) as BetterSQLite3Database as Db,
    place: statSync(file),
  }
}

/**
 * Finding out what is newest costs a read more than the read itself, so all that are asked for in one turn of the event loop find it out
 * once. Our own writes end that before they are acknowledged; another process's are seen from the next turn on.
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

function connect(file: string) {
  const connection = rememberStatements(new Database(file, { timeout: 5000 }))
  // A database that may only be read is still worth reading.
  if (connection.pragma("journal_mode", { simple: true }) !== "wal") connection.pragma("journal_mode = WAL")
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  return connection
}

/** Drizzle prepares a statement for every query; the same text is the same statement, and preparing it is a good part of what a write costs. */
function rememberStatements(connection: Database.Database): Database.Database {
  const known = new Map<string, Database.Statement>()
  const prepare = connection.prepare.bind(connection) as (text: string) => Database.Statement
  connection.prepare = ((text: string) => {
    const statement = known.get(text) ?? prepare(plannedOnce(text))
    if (known.size >= 500) known.clear()
    known.set(text, statement)
    // As a fresh one would be: whoever wants bare values says so.
    return statement.reader ? statement.raw(false) : statement
  }) as typeof connection.prepare
  return connection
}

/**
 * SQLite plans a join anew whenever another value is bound to a bare parameter of `=` or `limit`, should the new value call for another plan
 * (https://sqlite.org/c3ref/prepare.html on recompiling): seven times the cost of the lookup itself. What a function returns it does not look into.
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

// better-sqlite3's own transaction() cannot wait for a promise, so the statements are spelled out. Answers the first error there was.
async function commitTogether(
  { writer, tx, endReading }: ReturnType<typeof connectBoth>,
  batch: Waiting[],
): Promise<unknown> {
  let trouble: unknown
  const outcomes: (() => void)[] = []
  const alone = batch.length === 1
  try {
    for (const { fn, resolve, reject } of batch) {
      if (!alone) writer.prepare("SAVEPOINT one").run()
      try {
        const value = await fn(tx)
        outcomes.push(() => resolve(value))
      } catch (error) {
        // A full disk undoes everything at once; then nobody's work is left to commit.
        if (!writer.inTransaction) throw error
        if (alone) throw error
        trouble ??= error
        writer.prepare("ROLLBACK TO one").run()
        outcomes.push(() => reject(error))
      }
      if (!alone) writer.prepare("RELEASE one").run()
    }
    // Before it, so that nobody's reading keeps the write-ahead log from being taken up; and nobody reads between the two.
    endReading()
    writer.prepare("COMMIT").run()
  } catch (error) {
    if (writer.inTransaction) writer.exec("ROLLBACK")
    for (const { reject } of batch) reject(error)
    return error
  }
  // What one of them read may be another's work, so even a refusal is true only now.
  for (const answer of outcomes) answer()
  return trouble
}
