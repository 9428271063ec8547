import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { migrate } from "drizzle-orm/better-sqlite3/migrator"
import { describe, expect, test } from "vitest"

import { env } from "@/env"
import { aModel, anOwner } from "@/lib/test/factories"
import { getModel } from "@/lib/models/model"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { closeDatabase, engine } from "."
import { backUp, restore } from "./backup"
import { dialect } from "./kit"
import { migrateDatabase } from "./migrate"

const folder = temporaryFolder("backup")
const isThere = async (owner: string, name: string) => (await getModel(null, owner, name).catch(() => null)) !== null

describe("a backup", () => {
  test("holds what was there when it was made, and brings it back", async () => {
    const { actor } = await anOwner()
    const kept = await aModel(actor)
    const file = path.join(folder, "kept")
    const copy = await backUp(file)
    expect(copy).toMatchObject({ file, bytes: expect.any(Number) })
    if (dialect === "sqlite") expect(copy.models).toBe(1)
    expect(readdirSync(folder)).toEqual(["kept"])

    const later = await aModel(actor)
    const { before } = await restore(file)
    expect([await isThere(actor.username, kept.name), await isThere(actor.username, later.name)]).toEqual([true, false])

    await restore(before!)
    expect([await isThere(actor.username, kept.name), await isThere(actor.username, later.name)]).toEqual([true, true])
    expect(path.dirname(before!)).toBe(path.resolve(env.DATA_DIR, "backups"))
  })

  test("never overwrites a file", async () => {
    const file = path.join(folder, "precious")
    writeFileSync(file, "precious")
    await expect(backUp(file)).rejects.toThrow("exists already")
    expect(readFileSync(file, "utf8")).toBe("precious")
  })

  test("that is damaged, foreign or missing is refused and changes nothing", async () => {
    const { actor } = await anOwner()
    const model = await aModel(actor)
    const file = path.join(folder, "whole")
    await backUp(file)
    const bytes = readFileSync(file)
    writeFileSync(path.join(folder, "damaged"), bytes.subarray(0, Math.floor(bytes.length / 20)))
    writeFileSync(path.join(folder, "foreign"), "nothing like it")
    for (const name of ["damaged", "foreign", "missing"]) await expect(restore(path.join(folder, name)), name).rejects.toThrow(/damaged|not a backup|no file|refused/)
    expect(await isThere(actor.username, model.name)).toBe(true)
  })
})

test("before a migration a copy is kept, and a second start keeps none", async () => {
  if (dialect !== "sqlite") return
  const data = env.DATA_DIR
  await closeDatabase()
  env.DATA_DIR = path.join(folder, "older")
  try {
    // As an older release left it: with the first migration only.
    const migrationsFolder = path.join(folder, "migrations")
    cpSync(path.resolve("db/migrations/sqlite"), migrationsFolder, { recursive: true })
    const journal = path.join(migrationsFolder, "meta/_journal.json")
    writeFileSync(journal, JSON.stringify({ ...JSON.parse(readFileSync(journal, "utf8")), entries: [JSON.parse(readFileSync(journal, "utf8")).entries[0]] }))
    migrate(drizzle({ client: engine().sqlite! }), { migrationsFolder })

    await migrateDatabase()
    await migrateDatabase()
    expect(readdirSync(path.join(env.DATA_DIR, "backups"))).toEqual([expect.stringMatching(/^\d{4}-.*-before-upgrade\.db$/)])
  } finally {
    await closeDatabase()
    env.DATA_DIR = data
  }
})
