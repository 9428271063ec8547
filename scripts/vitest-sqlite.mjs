// Gives the test files of a project a migrated SQLite database to copy.
import { chmodSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { migrate } from "drizzle-orm/better-sqlite3/migrator"
import { temporaryFolder } from "./temporary-folder.mjs"

/** @param {import("vitest/node").TestProject} project */
export default function setup(project) {
  const file = join(temporaryFolder("migrated"), "understudy.db")
  const client = new Database(file)
  migrate(drizzle({ client }), { migrationsFolder: "db/migrations/sqlite" })
  client.close()
  // As the product makes it; a copy gets the same.
  chmodSync(file, 0o600)
  project.provide("migratedFile", file)
}
