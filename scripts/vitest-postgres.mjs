// Gives vitest's postgres project one temporary PostgreSQL for the whole run, with a migrated database for test files to
// copy.
import { drizzle } from "drizzle-orm/postgres-js"
import { migrate } from "drizzle-orm/postgres-js/migrator"
import postgres from "postgres"
import { startPostgres } from "./postgres.mjs"

/** @param {import("vitest/node").TestProject} project */
export default async function setup(project) {
  const server = await startPostgres()
  if (!server) throw new Error("PostgreSQL is not installed: these tests need its programs initdb and postgres.")
  const administrator = postgres(server.url, { max: 1 })
  await administrator`create database migrated`
  await administrator.end()
  const client = postgres(server.url, { database: "migrated", max: 1, onnotice: () => {} })
  await migrate(drizzle({ client }), { migrationsFolder: "db/migrations/pg" })
  // Nobody may be connected to a database that is copied.
  await client.end()
  project.provide("databaseUrl", server.url)
  return () => server.stop()
}
