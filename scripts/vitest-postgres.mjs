// Gives vitest's postgres project one temporary PostgreSQL for the whole run.
import { startPostgres } from "./postgres.mjs"

/** @param {import("vitest/node").TestProject} project */
export default async function setup(project) {
  const postgres = await startPostgres()
  if (!postgres) throw new Error("PostgreSQL is not installed: these tests need its programs initdb and postgres.")
  project.provide("databaseUrl", postgres.url)
  return () => postgres.stop()
}
