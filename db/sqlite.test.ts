import { mkdirSync, renameSync, statSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"
import { sql } from "drizzle-orm"
import { afterEach, beforeEach, expect, test } from "vitest"

import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import type { Db, DatabaseHandle } from "./handle"
import { openSqlite } from "./sqlite"

// Always SQLite, whichever database this test run uses.
const folders = temporaryFolder("sqlite")
let count = 0
let folder: string
let database: DatabaseHandle

beforeEach(() => {
  folder = path.join(folders, String(count++))
  database = openSqlite(path.join(folder, "understudy.db"))
  database.sqlite!.exec("create table names (name text unique)")
})
afterEach(() => database.close())

const all = (db: Db, query: string) =>
  (db as unknown as { all(query: unknown): { name: string }[] }).all(sql.raw(query))
const names = () => all(database.reader, "select name from names order by name").map(({ name }) => name)
const add = (name: string) =>
  database.write(async (tx) => void all(tx, `insert into names values ('${name}') returning name`))

test("nobody else can read its files, whoever opens it first", async () => {
  await add("first")
  const modes = ["", "-wal", "-shm"].map((end) => statSync(path.join(folder, `understudy.db${end}`)).mode & 0o777)
  expect(modes).toEqual([0o600, 0o600, 0o600])
})

test("writes that come at once share commits, and each is undone on its own", async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, n) =>
      database.write(async (tx) => {
        all(tx, `insert into names values ('${String(n).padStart(3, "0")}') returning name`)
        if (n % 2 === 1) throw new Error("changed my mind")
      }),
    ),
  )
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(100)
  expect(names()).toHaveLength(100)
  expect(names().every((name) => Number(name) % 2 === 0)).toBe(true)
})

test("a write does not wait for all that follow it", async () => {
  let queued = 0
  const others: Promise<unknown>[] = []
  let turn = new Promise(setImmediate)
  const first = add("first").then(() => queued)
  while (queued < 20) {
    await turn
    turn = new Promise(setImmediate)
    // Each turn takes longer than the first may wait.
    for (const began = performance.now(); performance.now() - began < 3;);
    others.push(add(`later ${queued++}`))
  }
  expect(await first).toBeLessThan(10)
  await Promise.all(others)
})

test("of simultaneous writers of one name exactly one has it", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => add("one")))
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  expect(names()).toEqual(["one"])
})

test("one's own write is read at once, another process's at the latest in the next turn", async () => {
  const other = new Database(path.join(folder, "understudy.db"))
  expect(names()).toEqual([])
  other.exec("insert into names values ('theirs')")
  await new Promise(setImmediate)
  expect(names()).toEqual(["theirs"])

  const adding = add("ours")
  expect(names()).toEqual(["theirs"])
  await adding
  expect(names()).toEqual(["ours", "theirs"])
  other.close()
})

test("the version changes with every commit of any connection, and with nothing else", async () => {
  const versions = [database.version()]
  await new Promise(setImmediate)
  expect(names()).toEqual([])
  expect(database.version()).toBe(versions[0])
  const other = new Database(path.join(folder, "understudy.db"))
  other.exec("insert into names values ('theirs')")
  other.close()
  await new Promise(setImmediate)
  versions.push(database.version())
  await add("ours")
  versions.push(database.version())
  await database.write(async () => {}).catch(() => {})
  expect(new Set(versions).size).toBe(3)
})

test("reading does not keep the write-ahead log from being taken up", async () => {
  const log = `${path.join(folder, "understudy.db")}-wal`
  for (let n = 0; n < 3000; n++) {
    names()
    await add(String(n))
  }
  // SQLite checkpoints the log after a thousand pages of 4 kB, and then starts over.
  expect(statSync(log).size).toBeLessThan(6_000_000)
})

test("a lock of another process keeps writers waiting, not readers, and not for ever", async () => {
  const other = new Database(path.join(folder, "understudy.db"))
  other.exec("BEGIN IMMEDIATE")
  const began = performance.now()
  const writes = Promise.allSettled([add("a"), add("b"), add("c")])
  await new Promise((resume) => setTimeout(resume, 100))
  const asked = performance.now()
  expect(names()).toEqual([])
  expect(performance.now() - asked).toBeLessThan(500)

  const outcomes = await writes
  expect(performance.now() - began).toBeLessThan(8000)
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { code: "SQLITE_BUSY" } })
  other.exec("ROLLBACK")
  other.close()
  await add("later")
  expect(names()).toEqual(["later"])
}, 20_000)

test("a folder that was moved away takes no writes with it; reads go on, and it is found again", async () => {
  await add("before")
  renameSync(folder, `${folder}-elsewhere`)
  await expect(add("lost")).rejects.toMatchObject({ code: "SQLITE_CANTOPEN" })
  expect(names()).toEqual(["before"])
  mkdirSync(folder)
  await expect(add("lost")).rejects.toMatchObject({ code: "SQLITE_CANTOPEN" })
  renameSync(folder, `${folder}-empty`)
  renameSync(`${folder}-elsewhere`, folder)
  await add("after")
  expect(names()).toEqual(["after", "before"])
})

test("another database in the place of the old one is taken up", async () => {
  await add("old")
  const fresh = openSqlite(path.join(`${folder}-fresh`, "understudy.db"))
  fresh.sqlite!.exec("create table names (name text unique); insert into names values ('fresh')")
  await fresh.close()
  renameSync(folder, `${folder}-old`)
  renameSync(`${folder}-fresh`, folder)
  await add("new")
  expect(names()).toEqual(["fresh", "new"])
})
