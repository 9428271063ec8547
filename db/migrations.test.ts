import { cpSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { migrate } from "drizzle-orm/better-sqlite3/migrator"
import { drizzle as drizzlePg } from "drizzle-orm/postgres-js"
import { migrate as migratePg } from "drizzle-orm/postgres-js/migrator"
import postgres from "postgres"
import { expect, test } from "vitest"

import { env } from "@/env"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { closeDatabase, databaseHandle } from "."
import { migrationsFolder } from "./journal"
import { dialect } from "./kit"
import { migrateDatabase } from "./migrate"

type Row = Record<string, unknown>
type Old = { run(sql: string): Promise<Row[]>; migrateTo(folder: string): Promise<void>; close(): Promise<void> }

/** The migrations up to `tag`, as in an older release. */
function migrationsUntil(tag: string): string {
  const folder = temporaryFolder("migrations")
  cpSync(migrationsFolder(dialect), folder, { recursive: true })
  const file = path.join(folder, "meta/_journal.json")
  const journal = JSON.parse(readFileSync(file, "utf8")) as { entries: { tag: string }[] }
  journal.entries.length = journal.entries.findIndex((entry) => entry.tag === tag) + 1
  writeFileSync(file, JSON.stringify(journal))
  return folder
}

/** An empty database next to that of the tests. */
async function anEmptyDatabase(): Promise<Old> {
  if (dialect === "sqlite") {
    const sqlite = new Database(path.join(temporaryFolder("old-database"), "understudy.db"))
    return {
      run: async (sql) => (sql.startsWith("select") ? (sqlite.prepare(sql).all() as Row[]) : (sqlite.exec(sql), [])),
      migrateTo: async (folder) => migrate(drizzle({ client: sqlite }), { migrationsFolder: folder }),
      close: async () => void sqlite.close(),
    }
  }
  const name = `${new URL(env.DATABASE_URL!).pathname.slice(1)}_old`
  const server = postgres(env.DATABASE_URL!, { max: 1, onnotice: () => {} })
  await server.unsafe(`create database ${name}`)
  const sql = postgres(Object.assign(new URL(env.DATABASE_URL!), { pathname: `/${name}` }).href, {
    max: 1,
    onnotice: () => {},
  })
  return {
    run: async (text) => [...(await sql.unsafe(text))],
    migrateTo: (folder) => migratePg(drizzlePg({ client: sql }), { migrationsFolder: folder }),
    close: async () => {
      await sql.end()
      await server.unsafe(`drop database ${name}`)
      await server.end()
    },
  }
}

const at = "2026-01-02T03:04:05.000Z"
const no = dialect === "pg" ? "false" : "0"

/** Statements that insert an account with so many models, and the hardware for them. */
const anOwner = (models: number) => [
  `insert into owners (id, type, username, name, is_admin, model_count, created_at) values (1, 'user', 'alice', 'alice', ${no}, ${models}, '${at}')`,
  `insert into hardware (sku, name, usd_per_second, gpus, selectable_for, aliases, sort) values ('cpu', 'CPU', '0.0001', 0, '[]', '[]', 1)`,
]

test("a database from before the tables and columns were renamed keeps what is in it", async () => {
  const database = await anEmptyDatabase()
  await database.migrateTo(migrationsUntil("0009_predictions"))
  for (const statement of [
    ...anOwner(2),
    ...[1, 2].map(
      (id) =>
        `insert into models (id, owner_id, name, visibility, hardware, run_count, is_official, created_at, updated_at, listed_at, taken_at, presented) values (${id}, 1, 'model-${id}', 'public', 'cpu', 0, ${no}, '${at}', '${at}', '${at}', ${id === 1 ? `'${at}'` : "null"}, ${id === 1 ? "'{}'" : "null"})`,
    ),
    `insert into collections (id, slug, name, description, created_at, updated_at) values (1, 'good', 'Good', 'Good models', '${at}', '${at}')`,
    "insert into collection_models (place, collection_id, model_id) values (7, 1, 2), (9, 1, 1)",
    `insert into attempts (key, count, resets_at) values ('signin:alice', 3, '${at}')`,
  ])
    await database.run(statement)

  await database.migrateTo(migrationsUntil("0010_plain-names"))

  const numbers = (rows: Row[]) =>
    rows.map((row) =>
      Object.values(row).map((value) =>
        typeof value === "bigint" || /^\d+$/.test(String(value)) ? Number(value) : value,
      ),
    )
  expect(numbers(await database.run("select id, pulled_at, cached_json from models order by id"))).toEqual([
    [1, at, "{}"],
    [2, null, null],
  ])
  expect(numbers(await database.run("select position, model_id from collection_models order by position"))).toEqual([
    [7, 2],
    [9, 1],
  ])
  expect(numbers(await database.run("select key, count, resets_at from rate_limits"))).toEqual([
    ["signin:alice", 3, at],
  ])
  await database.close()
})

test("predictions keep their origin, and audit events their action, when their names change", async () => {
  const database = await anEmptyDatabase()
  await database.migrateTo(migrationsUntil("0039_failed-predictions"))
  for (const statement of [
    ...anOwner(1),
    `insert into models (id, owner_id, name, visibility, hardware, run_count, is_official, created_at, updated_at, listed_at) values (1, 1, 'm', 'public', 'cpu', 0, ${no}, '${at}', '${at}', '${at}')`,
    `insert into batches (id, owner_id, created_by, model_id, version, kind, total, next, site, created_at) values ('b', 1, 1, 1, 'v', 'inputs', 1, 1, 'https://b.example', '${at}')`,
    `insert into predictions (id, owner_id, created_by, model_id, version, operation, pool, status, logs, source, site, begun, created_at, kept, data_removed, counted) values ('a', 1, 1, 1, 'v', 'predict', 'p', 'succeeded', '', 'api', 'https://p.example', ${no}, '${at}', ${no}, ${no}, ${no})`,
    `insert into events (id, action, details, via, created_at) values (1, 'instance.changed', '{}', 'web', '${at}')`,
  ])
    await database.run(statement)

  await database.migrateTo(migrationsUntil("0040_origins"))

  expect(await database.run("select origin from batches")).toEqual([{ origin: "https://b.example" }])
  expect(await database.run("select origin from predictions")).toEqual([{ origin: "https://p.example" }])
  expect(await database.run("select action from events")).toEqual([{ action: "installation.changed" }])
  await database.close()
})

test("the tag latest names the latest version, whatever it named before", async () => {
  const database = await anEmptyDatabase()
  await database.migrateTo(migrationsUntil("0012_predictions-run"))
  const model = (id: number, latest: string | null) =>
    `insert into models (id, owner_id, name, visibility, hardware, run_count, is_official, latest_version_id, created_at, updated_at, listed_at) values (${id}, 1, 'model-${id}', 'public', 'cpu', 0, ${no}, ${latest ? `'${latest}'` : "null"}, '${at}', '${at}', '${at}')`
  const manifest = (model_id: number, id: string) =>
    `insert into manifests (model_id, digest, media_type, body, size, created_at) values (${model_id}, 'sha256:${id}', 'x', '{}', 2, '${at}')`
  const tag = (model_id: number, name: string, id: string) =>
    `insert into tags (model_id, name, digest, moved_at) values (${model_id}, '${name}', 'sha256:${id}', '${at}')`
  for (const statement of [
    `insert into owners (id, type, username, name, is_admin, model_count, created_at) values (1, 'user', 'alice', 'alice', ${no}, 4, '${at}')`,
    `insert into hardware (sku, name, usd_per_second, gpus, selectable_for, aliases, sort) values ('cpu', 'CPU', '0.0001', 0, '[]', '[]', 1)`,
    model(1, "b"),
    model(2, "a"),
    model(3, null),
    model(4, "z"),
    manifest(1, "a"),
    manifest(1, "b"),
    manifest(2, "a"),
    manifest(3, "c"),
    manifest(4, "a"),
    tag(1, "latest", "a"),
    tag(1, "stable", "a"),
    tag(3, "latest", "c"),
    tag(4, "latest", "a"),
  ])
    await database.run(statement)

  await database.migrateTo(migrationsFolder(dialect))

  const rows = await database.run("select model_id, name, digest from tags order by model_id, name")
  expect(rows.map(({ model_id, name, digest }) => [Number(model_id), name, digest])).toEqual([
    [1, "latest", "sha256:b"],
    [1, "stable", "sha256:a"],
    [2, "latest", "sha256:a"],
  ])
  await database.close()
})

test("runs keep their files, examples and cost when their tables are made anew", async () => {
  // PostgreSQL alters tables in place.
  if (dialect === "pg") return
  const folder = temporaryFolder("upgraded")
  const file = path.join(folder, "understudy.db")
  const sqlite = new Database(file)
  migrate(drizzle({ client: sqlite }), { migrationsFolder: migrationsUntil("0025_schema-text") })
  const at = "2026-01-02T03:04:05.000Z"
  sqlite.exec(`
    insert into owners (id, type, username, name, is_admin, model_count, created_at) values (1, 'user', 'alice', 'alice', 0, 1, '${at}');
    insert into hardware (sku, name, usd_per_second, gpus, selectable_for, aliases, sort) values ('cpu', 'CPU', '0.0001', 0, '[]', '[]', 1);
    insert into models (id, owner_id, name, visibility, hardware, run_count, is_official, created_at, updated_at, listed_at) values (1, 1, 'm', 'public', 'cpu', 0, 0, '${at}', '${at}', '${at}');
    insert into predictions (number, id, owner_id, created_by, model_id, version, operation, pool, status, logs, source, begun, created_at, kept, data_removed, counted) values (1, 'a', 1, 1, 1, 'v', 'predict', 'p', 'succeeded', '', 'api', 1, '${at}', 0, 0, 1);
    insert into files (id, owner_id, kind, prediction, name, content_type, size, sha256, md5, metadata, stored_as, created_at) values ('f', 1, 'output', 1, 'n', 't', 1, '', '', '{}', 's', '${at}');
    insert into examples (model_id, prediction, position, is_default, added_at) values (1, 1, 1, 0, '${at}');
    insert into runners (id, name, capacity, engines, created_at) values ('r', 'own', '[]', '[]', '${at}');
    insert into pools (key, model_id, version, hardware, min_instances, max_instances, failures, boot_seconds, run_seconds, used_at) values ('p', 1, 'v', 'cpu', 0, 1, 0, '[]', '[]', '${at}');
    insert into instances (id, pool, ordinal, runner, engine, hardware, state, slots, setup_log, metered_until, usd_per_second, created_at, stopped_at) values ('i', 'p', 1, 'r', 'process', 'cpu', 'stopped', 1, '', '${at}', '0.1', '${at}', '${at}');
    insert into usage (owner_id, instance_id, pool, model_id, prediction, hardware, phase, started_at, ended_at, microseconds, usd_per_second, usd) values (1, 'i', 'p', 1, 1, 'cpu', 'active', '${at}', '${at}', 5, '0.1', '0.0000005')`)
  sqlite.close()
  await closeDatabase()
  const before = env.DATA_DIR
  env.DATA_DIR = folder
  try {
    await migrateDatabase()
    const rows = (table: string) => databaseHandle().sqlite!.prepare(`select * from ${table}`).all() as Row[]
    expect(rows("predictions")).toMatchObject([{ id: "a", destination: null, cost_limit_usd: null }])
    expect([rows("files"), rows("examples")].map(({ length }) => length)).toEqual([1, 1])
    expect(rows("usage")).toMatchObject([{ id: 1, instance_id: "i", prediction: 1, microseconds: 5, usd: "0.0000005" }])
    expect(databaseHandle().sqlite!.pragma("foreign_key_check")).toEqual([])
    expect(databaseHandle().sqlite!.pragma("foreign_keys", { simple: true })).toBe(1)
  } finally {
    await closeDatabase()
    env.DATA_DIR = before
  }
})
