import "server-only"

import path from "node:path"
import { migrate as migrateSqlite } from "drizzle-orm/better-sqlite3/migrator"
import { migrate as migratePg } from "drizzle-orm/postgres-js/migrator"

import { engine, write } from "."
import catalogue from "./hardware.json"
import { hardware } from "./schema"

type SqliteDatabase = Parameters<typeof migrateSqlite>[0]
type PgDatabase = Parameters<typeof migratePg>[0]

/** Brings the database to the newest schema and fills an empty hardware catalogue. Safe to repeat. */
export async function migrateDatabase(): Promise<void> {
  const { reader, sqlite, pg } = engine()
  const migrationsFolder = path.resolve("db/migrations", pg ? "pg" : "sqlite")

  if (pg) {
    // Two machines may start at once: the second waits for the first, and then finds nothing to do.
    const lock = await pg.reserve()
    await lock`select pg_advisory_lock(7521001)`
    try {
      await migratePg(reader as unknown as PgDatabase, { migrationsFolder })
    } finally {
      await lock`select pg_advisory_unlock(7521001)`
      lock.release()
    }
  } else {
    const { drizzle } = await import("drizzle-orm/better-sqlite3")
    migrateSqlite(drizzle({ client: sqlite! }) as SqliteDatabase, { migrationsFolder })
  }
  await fillHardware()
}

async function fillHardware() {
  await write(async (tx) => {
    const [row] = await tx.select({ sku: hardware.sku }).from(hardware).limit(1)
    if (!row) await tx.insert(hardware).values(catalogue as (typeof hardware.$inferInsert)[])
  })
}

/** The version of the running database, such as "SQLite 3.53.1", for the operator. */
export async function databaseVersion(): Promise<string> {
  const { sqlite, pg } = engine()
  if (sqlite) return `SQLite ${sqlite.prepare("select sqlite_version()").pluck().get()}`
  const [row] = await pg!<{ server_version: string }[]>`show server_version`
  return `PostgreSQL ${row?.server_version}`
}

/** "ok", or what the database says is wrong with its own files. PostgreSQL checks itself: an answer is all we ask of it. */
export async function databaseIntegrity(): Promise<string> {
  const { sqlite, pg } = engine()
  if (sqlite) return sqlite.pragma("quick_check", { simple: true }) as string
  await pg!`select 1`
  return "ok"
}

