import { readFileSync } from "node:fs"
import path from "node:path"

import type { DatabaseHandle } from "./handle"

/** The folder of a database's migrations. */
export const migrationsFolder = (dialect: "sqlite" | "pg"): string => path.resolve("db/migrations", dialect)

/** The times of the known migrations, as Drizzle records them, oldest first. */
export function knownMigrations(dialect: "sqlite" | "pg"): number[] {
  const journal = JSON.parse(readFileSync(path.join(migrationsFolder(dialect), "meta/_journal.json"), "utf8")) as {
    entries: { when: number }[]
  }
  return journal.entries.map(({ when }) => when)
}

export const isMigration = (dialect: "sqlite" | "pg", when: number): boolean => knownMigrations(dialect).includes(when)

export const newestMigration = (dialect: "sqlite" | "pg"): number => Math.max(...knownMigrations(dialect))

/** The newest applied migration; 0 before the first. */
export async function lastMigration({ sqlite, pg }: DatabaseHandle): Promise<number> {
  if (sqlite) {
    const recorded = sqlite.prepare("select 1 from sqlite_master where name = '__drizzle_migrations'").get()
    return recorded ? Number(sqlite.prepare("select max(created_at) from __drizzle_migrations").pluck().get() ?? 0) : 0
  }
  const [recorded] = await pg!`select to_regclass('drizzle.__drizzle_migrations') is not null as yes`
  if (!recorded!.yes) return 0
  const [row] = await pg!`select max(created_at) as last from drizzle.__drizzle_migrations`
  return Number(row!.last ?? 0)
}
