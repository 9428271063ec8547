import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"

import { env } from "@/env"
import { aModel, anOwner } from "@/lib/test/factories"
import { getModel } from "@/lib/models/model"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { closeDatabase } from "."
import { backUp, restore } from "./backup"
import { dialect } from "./kit"

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
  const { migrateDatabase } = await import("./migrate")
  const { engine } = await import(".")
  const folder = path.resolve(env.DATA_DIR, "backups")
  rmSync(folder, { recursive: true, force: true })
  await migrateDatabase()
  expect(existsSync(folder)).toBe(false)

  // As an older release left it: the last migration is not there yet.
  engine().sqlite!.exec("delete from __drizzle_migrations where created_at = (select max(created_at) from __drizzle_migrations); drop table models_search")
  await migrateDatabase()
  await migrateDatabase()
  expect(readdirSync(folder)).toHaveLength(1)
  await closeDatabase()
})
