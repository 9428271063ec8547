import { randomBytes } from "node:crypto"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import postgres from "postgres"
import { afterAll, beforeAll, expect, inject, vi } from "vitest"

declare module "vitest" {
  interface ProvidedContext {
    migratedFile: string
  }
}

// Every test file gets a separate copy of a migrated database; nothing is shared and nothing needs to be cleaned up.
const server = process.env.DATABASE_URL
const name = `test_${randomBytes(8).toString("hex")}`
const folder = mkdtempSync(path.join(tmpdir(), "understudy-test-"))

process.env.DATA_DIR = folder
process.env.LOG_LEVEL = "silent"
process.env.RUN_BUNDLED = "off"
process.env.SIGNUPS_PER_HOUR = "1000000"
if (server) {
  await asAdministrator((sql) => sql.unsafe(`create database ${name} template migrated`))
  process.env.DATABASE_URL = Object.assign(new URL(server), { pathname: `/${name}` }).href
} else copyFileSync(inject("migratedFile"), path.join(folder, "understudy.db"))

// At its real cost, hashing passwords was three quarters of the work of tests that sign in. lib/owners/owner.test.ts and
// tests that start servers or commands have the real one.
vi.mock("@node-rs/argon2", async (original) => {
  const argon2 = await original<typeof import("@node-rs/argon2")>()
  const cheap = { memoryCost: 8, timeCost: 1 }
  return { ...argon2, hash: (password: string, cost: object) => argon2.hash(password, { ...cost, ...cheap }) }
})

beforeAll(async () => {
  const { migrateDatabase } = await import("@/db/migrate")
  await migrateDatabase()
})

afterAll(async () => {
  const { closeDatabase } = await import("@/db")
  await checkCachedJson()
  await closeDatabase()
  rmSync(folder, { recursive: true, force: true })
  if (server) await asAdministrator((sql) => sql.unsafe(`drop database ${name} with (force)`))
})

/** Checks that the cached JSON of every model matches its columns, whatever the tests of this file did. */
async function checkCachedJson() {
  const { read } = await import("@/db")
  const { models } = await import("@/db/schema")
  const { selectApiModels } = await import("@/lib/models/row-store")
  const { toCachedJson } = await import("@/lib/models/cached-json")
  const kept = new Map(
    (await read().select({ id: models.id, cached_json: models.cached_json }).from(models)).map(
      ({ id, cached_json }) => [id, cached_json],
    ),
  )
  for (const model of await selectApiModels(read()))
    expect(kept.get(model.id) ?? toCachedJson(model)).toBe(toCachedJson(model))
}

async function asAdministrator(run: (sql: postgres.Sql) => PromiseLike<unknown>) {
  const sql = postgres(server!, { max: 1, onnotice: () => {} })
  await run(sql)
  await sql.end()
}
