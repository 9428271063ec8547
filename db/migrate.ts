import "server-only"

import path from "node:path"
import Database from "better-sqlite3"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { migrate as migrateSqlite } from "drizzle-orm/better-sqlite3/migrator"
import { drizzle as drizzlePg } from "drizzle-orm/postgres-js"
import { migrate as migratePg } from "drizzle-orm/postgres-js/migrator"

import { env } from "@/env"
import { databaseHandle, read, write } from "."
import { BackupRefusal, saveCopy } from "./backup"
import catalogue from "./hardware.json"
import { lastMigration, migrationsFolder, newestMigration } from "./journal"
import { dialect } from "./kit"
import { hardware } from "./schema"

/**
 * Migrates the database and fills an empty hardware catalogue. Keeps a copy first. Safe to repeat. Throws if the
 * database was made by a newer release, whose tables this one does not know.
 */
export async function migrateDatabase(): Promise<void> {
  const last = await applied().catch(sayWhichCannotBeUsed)
  if (last > newestMigration(dialect)) throw new Error(newerRelease)
  if (last < newestMigration(dialect)) await (dialect === "pg" ? migratePostgres() : migrateFile())
  await fillHardware()
}

/** A sentence for the operator. */
export const newerRelease = "The database was made by a newer release. Upgrade Understudy, or restore an older backup."

/** Adds the folder or host, and the setting it comes from, which drivers do not name. */
function sayWhichCannotBeUsed(error: unknown): never {
  const innermost = (one: unknown): Error & { code?: string } =>
    one instanceof Error && one.cause instanceof Error ? innermost(one.cause) : (one as Error)
  const { message, code } = innermost(error)
  const which =
    dialect === "pg"
      ? `The database that DATABASE_URL names (${new URL(env.DATABASE_URL!).host || "localhost"})`
      : `The database in DATA_DIR (${path.resolve(env.DATA_DIR)})`
  throw Object.assign(new Error(`${which} cannot be used: ${message}`), { code })
}

const applied = async () => lastMigration(databaseHandle())

const isBehind = async () => (await applied()) < newestMigration(dialect)

/** Server and command line may start at the same time: the second one waits, and then has nothing left to do. */
async function migrateFile() {
  // The lock is a database, because it is released when the process is killed.
  const lock = new Database(path.resolve(env.DATA_DIR, "understudy.lock"), { timeout: 120_000 })
  try {
    lock.exec("BEGIN EXCLUSIVE")
    if (!(await isBehind())) return
    await saveCopy("upgrade")
    const client = databaseHandle().sqlite!
    // SQLite migrations recreate tables, which must not delete the rows that refer to them; foreign keys cannot be
    // turned off within a transaction.
    client.pragma("foreign_keys = OFF")
    try {
      migrateSqlite(drizzle({ client }), { migrationsFolder: migrationsFolder("sqlite") })
    } finally {
      client.pragma("foreign_keys = ON")
    }
  } finally {
    lock.close()
  }
}

async function migratePostgres() {
  const client = await databaseHandle().pg!.reserve()
  try {
    await client`select pg_advisory_lock(7521001)`
    if (!(await isBehind())) return
    await saveCopy("upgrade").catch(sayThatThereIsNone)
    await migratePg(drizzlePg({ client: databaseHandle().pg! }), { migrationsFolder: migrationsFolder("pg") })
  } finally {
    await client`select pg_advisory_unlock(7521001)`.catch(() => {})
    client.release()
  }
}

/** Without PostgreSQL's client programs, which not every machine has, there is no copy. */
function sayThatThereIsNone(error: unknown) {
  if (!(error instanceof BackupRefusal)) throw error
  console.error(`No copy was kept before the upgrade of the database: ${error.message}`)
}

async function fillHardware() {
  const isFilled = async (db: ReturnType<typeof read>) =>
    (await db.select({ sku: hardware.sku }).from(hardware).limit(1)).length > 0
  if (await isFilled(read())) return
  await write(async (tx) => {
    if (!(await isFilled(tx))) await tx.insert(hardware).values(catalogue as (typeof hardware.$inferInsert)[])
  })
}

/** The version of the running database, such as "SQLite 3.53.1", for the operator. */
export async function databaseVersion(): Promise<string> {
  const { sqlite, pg } = databaseHandle()
  if (sqlite) return `SQLite ${sqlite.prepare("select sqlite_version()").pluck().get()}`
  const [row] = await pg!<{ server_version: string }[]>`show server_version`
  return `PostgreSQL ${row?.server_version}`
}

/** "ok", or the errors the database finds in its files. For PostgreSQL, a response is enough. */
export async function databaseIntegrity(): Promise<string> {
  const { sqlite, pg } = databaseHandle()
  if (sqlite) return sqlite.pragma("quick_check", { simple: true }) as string
  await pg!`select 1`
  return "ok"
}

/** Null if the database responds to a read; otherwise its error, for the operator. */
export async function databaseAnswers(): Promise<string | null> {
  try {
    await Promise.race([
      read().select({ sku: hardware.sku }).from(hardware).limit(1),
      new Promise((_, reject) => setTimeout(reject, 3000, new Error("no answer in 3 seconds")).unref()),
    ])
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
