import { createHash, randomBytes } from "node:crypto"
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import path from "node:path"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import Database from "better-sqlite3"
import { eq } from "drizzle-orm"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { migrate } from "drizzle-orm/better-sqlite3/migrator"
import sharp from "sharp"
import { describe, expect, test } from "vitest"

import { env } from "@/env"
import { fromNow } from "@/lib/clock"
import { openFile } from "@/lib/files/file"
import { putOutput } from "@/lib/files/output"
import { aModel, anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { getModel } from "@/lib/models/model"
import { appendToUpload, finishUpload, startUpload } from "@/lib/registry/upload"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import type { Actor } from "@/lib/auth/actor"
import { getCover, setCover } from "@/lib/models/cover"
import { closeDatabase, databaseHandle, read } from "."
import { backUp, backUpAll, restore, restoreAll, verifyBackup } from "./backup"
import { copyFiles } from "./files"
import { dialect } from "./kit"
import { migrateDatabase } from "./migrate"
import { blobs, type predictions } from "./schema"

const folder = temporaryFolder("backup")
const isThere = async (owner: string, name: string) => (await getModel(null, owner, name).catch(() => null)) !== null

/** Pushes a layer and returns its digest. */
async function aBlob(actor: Actor, { owner, name }: { owner: string; name: string }, content: Buffer): Promise<string> {
  const caller = { actor, origin: "http://here.example" }
  const id = await startUpload(caller, owner, name)
  await appendToUpload(caller, owner, name, id, {
    source: Readable.from([Buffer.from(content)]),
    length: content.length,
  })
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`
  await finishUpload(caller, owner, name, id, digest)
  return digest
}

describe("a backup", () => {
  test("holds what was there when it was made, and brings it back", async () => {
    const { actor } = await anAccount()
    const kept = await aModel(actor)
    const file = path.join(folder, "kept")
    const copy = await backUp(file)
    expect(copy).toMatchObject({ file, bytes: expect.any(Number) })
    if (dialect === "sqlite") expect(copy.models).toBe(1)
    expect(readdirSync(folder)).toEqual(["kept", "kept.sha256"])
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const later = await aModel(actor)
    const { before } = await restore(file)
    expect([await isThere(actor.username, kept.name), await isThere(actor.username, later.name)]).toEqual([true, false])

    await restore(before!)
    expect([await isThere(actor.username, kept.name), await isThere(actor.username, later.name)]).toEqual([true, true])
    expect(path.dirname(before!)).toBe(path.resolve(env.DATA_DIR, "backups"))
  })

  test("of everything brings back pictures and layers that were lost, and says which it cannot", async () => {
    const { actor } = await anAccount()
    const model = await aModel(actor)
    const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "green" } })
      .png()
      .toBuffer()
    const { cover_upload } = await setCover(actor, model.owner, model.name, picture)
    const digest = await aBlob(actor, model, randomBytes(50_000))
    const [file, files] = [path.join(folder, "all"), path.join(folder, "all-files")]
    expect((await backUpAll(file, files)).files).toMatchObject({ folder: files, files: 2, damaged: [], missing: [] })
    expect(await verifyBackup(file, files)).toMatchObject({ files: 3, damaged: [], missing: [] })
    // A second backup copies only what is new.
    const later = await aBlob(actor, model, Buffer.from("came later"))
    expect((await backUpAll(path.join(folder, "all-later"), files)).files).toMatchObject({
      files: 1,
      damaged: [],
      missing: [],
    })

    const data = path.resolve(env.DATA_DIR)
    for (const lost of ["uploads", "registry"]) rmSync(path.join(data, lost), { recursive: true })
    const restored = await restoreAll(path.join(folder, "all-later"), files)
    expect(restored.files).toMatchObject({ files: 3, damaged: [], missing: [] })
    expect((await getCover(actor, model.owner, model.name, `${cover_upload}.webp`)).picture.length).toBeGreaterThan(50)
    for (const content of [digest, later])
      expect((await read().select().from(blobs).where(eq(blobs.digest, content)))[0]).toMatchObject({
        file: expect.any(String),
      })

    // A picture is damaged in the backup and gone here; a layer is gone in both places.
    const [row] = await read().select().from(blobs).where(eq(blobs.digest, later))
    const name = path.join("registry/blobs", row!.file)
    for (const place of [files, data]) rmSync(path.join(place, name))
    writeFileSync(path.join(files, "uploads", cover_upload!.slice(0, 2), cover_upload!), "not the picture")
    rmSync(path.join(data, "uploads"), { recursive: true })
    if (dialect === "sqlite")
      await expect(restoreAll(path.join(folder, "all-later"), files)).rejects.toThrow(
        `1 files that the backup names are neither in ${files} nor in ${data}, such as ${name}`,
      )
    else
      expect((await restoreAll(path.join(folder, "all-later"), files)).files).toMatchObject({
        damaged: [path.join("uploads", cover_upload!.slice(0, 2), cover_upload!)],
        missing: expect.arrayContaining([name]),
      })
    if (dialect === "sqlite") {
      // Now only the picture prevents the restore: no copy of it is intact.
      writeFileSync(path.join(files, name), "came later")
      const newest = await aModel(actor)
      await expect(restoreAll(path.join(folder, "all-later"), files)).rejects.toThrow(
        `1 files that the backup names are damaged in ${files}, such as uploads/${cover_upload!.slice(0, 2)}/${cover_upload}`,
      )
      expect(await isThere(actor.username, newest.name)).toBe(true)
      for (const place of [files, data]) rmSync(path.join(place, name))
    }
    expect((await backUpAll(path.join(folder, "all-last"), path.join(folder, "last-files"))).files.missing).toContain(
      name,
    )
  })

  test("replaces files that were damaged in place, and is not restored where they cannot be", async () => {
    const { actor } = await anAccount()
    const model = await aModel(actor)
    const digest = await aBlob(actor, model, Buffer.from("a layer to damage"))
    const [file, files] = [path.join(folder, "in-place"), path.join(folder, "in-place-files")]
    await backUpAll(file, files)
    const [row] = await read().select().from(blobs).where(eq(blobs.digest, digest))
    const name = path.join("registry/blobs", row!.file)
    const place = path.join(path.resolve(env.DATA_DIR), name)

    writeFileSync(place, "a layer to DAMAGE")
    const restoring = await copyFiles(files, path.resolve(env.DATA_DIR), undefined, { compared: true })
    expect(restoring).toMatchObject({ files: 1, damaged: [] })
    expect(readFileSync(place, "utf8")).toBe("a layer to damage")

    if (dialect !== "sqlite") return
    const fresh = path.join(folder, "only-in-place")
    await closeDatabase()
    const usual = env.DATA_DIR
    try {
      env.DATA_DIR = fresh
      await migrateDatabase()
      const other = (await anAccount()).actor
      await aBlob(other, await aModel(other), Buffer.from("a layer of its own"))
      const [own] = await read().select().from(blobs)
      const [backup, kept] = [path.join(folder, "own"), path.join(folder, "own-files")]
      await backUpAll(backup, kept)
      const ownPlace = path.join(fresh, "registry/blobs", own!.file)
      writeFileSync(ownPlace, "a layer of its OWN")
      expect((await restoreAll(backup, kept)).files).toMatchObject({ files: 1, damaged: [] })
      expect(readFileSync(ownPlace, "utf8")).toBe("a layer of its own")

      writeFileSync(ownPlace, "a layer of its OWN")
      await expect(restoreAll(backup, path.join(folder, "none"))).rejects.toThrow(`are damaged in ${fresh} and not in`)
      writeFileSync(path.join(kept, "registry/blobs", own!.file), "a layer of ITS own")
      await expect(restoreAll(backup, kept)).rejects.toThrow(`are damaged in ${kept}`)
    } finally {
      await closeDatabase()
      env.DATA_DIR = usual
    }
  })

  test("takes along the files of predictions that stay, and does not miss those that go by themselves", async () => {
    const { actor } = await anAccount()
    const made = async (fields: Partial<typeof predictions.$inferInsert>, content: string) => {
      const run = await aRun(actor, fields)
      const body = Readable.from([Buffer.from(content)])
      return (await putOutput(run, { name: "a.txt", content_type: "text/plain" }, body)).file
    }
    const completed_at = fromNow(-60)
    const kept = await made({ completed_at, kept: true }, "stays")
    const passing = await made({ completed_at, expires_at: fromNow(3600) }, "goes")
    const [file, files] = [path.join(folder, "made"), path.join(folder, "made-files")]
    const ours = (missing: string[]) => missing.filter((name) => name.startsWith("files"))
    expect(ours((await backUpAll(file, files)).files.missing)).toEqual([])
    expect(existsSync(path.join(files, "files", kept.stored_as))).toBe(true)
    expect(existsSync(path.join(files, "files", passing.stored_as))).toBe(false)

    rmSync(path.join(path.resolve(env.DATA_DIR), "files"), { recursive: true })
    // `restore` ignores the files that earlier tests have lost.
    await restore(file)
    await copyFiles(files, path.resolve(env.DATA_DIR))
    expect(await text(await openFile(kept))).toBe("stays")
    await expect(openFile(passing)).rejects.toMatchObject({ kind: "missing" })
  })

  test("is made although an earlier one was killed, and while another one is made", async () => {
    writeFileSync(path.join(folder, "often.partial"), "left behind")
    const made = await Promise.allSettled([backUp(path.join(folder, "often")), backUp(path.join(folder, "often-too"))])
    expect(made.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"])
  })

  test("brings a database back that cannot be read any more, or is of a newer release, and puts that aside", async () => {
    if (dialect !== "sqlite") return
    const usual = env.DATA_DIR
    try {
      await closeDatabase()
      env.DATA_DIR = path.join(folder, "broken")
      await migrateDatabase()
      const { actor } = await anAccount()
      const model = await aModel(actor)
      const file = path.join(folder, "before-it-broke")
      await backUp(file)
      const place = path.join(env.DATA_DIR, "understudy.db")
      const breakings: [string, () => void][] = [
        ["garbage", () => writeFileSync(place, randomBytes(100_000))],
        ["cut off", () => truncateSync(place, 50_000)],
        [
          "of a newer release",
          () => databaseHandle().sqlite!.exec("update __drizzle_migrations set created_at = 9999999999999"),
        ],
      ]
      for (const [what, breakIt] of breakings) {
        if (what !== "of a newer release") {
          await closeDatabase()
          for (const end of ["-wal", "-shm"]) rmSync(place + end, { force: true })
        }
        breakIt()
        const { before } = await restore(file)
        expect(before, what).toContain("as-it-was")
        expect(await isThere(actor.username, model.name), what).toBe(true)
      }
    } finally {
      await closeDatabase()
      env.DATA_DIR = usual
    }
  })

  test("is refused where it is the database itself, a folder, or merely looks like one", async () => {
    if (dialect !== "sqlite") return
    const lookalike = new Database(path.join(folder, "lookalike"))
    lookalike.exec("create table owners(id); create table models(id); create table __drizzle_migrations(created_at)")
    lookalike.close()
    await expect(restore(path.join(folder, "lookalike"))).rejects.toThrow("never migrated")
    await expect(restore(folder)).rejects.toThrow("There is no file")
    await expect(restore(path.resolve(env.DATA_DIR, "understudy.db"))).rejects.toThrow("the database itself")
  })

  test("never overwrites a file", async () => {
    const file = path.join(folder, "precious")
    writeFileSync(file, "precious")
    await expect(backUp(file)).rejects.toThrow("exists already")
    await expect(backUpAll(file, path.join(folder, "in-vain"))).rejects.toThrow("exists already")
    await expect(backUpAll(path.join(folder, "not-there/file"), path.join(folder, "not-there/files"))).rejects.toThrow(
      "There is no folder",
    )
    expect(["in-vain", "not-there"].filter((name) => readdirSync(folder).includes(name))).toEqual([])
    expect(readFileSync(file, "utf8")).toBe("precious")
  })

  test("that is damaged, foreign or missing is refused and changes nothing", async () => {
    const { actor } = await anAccount()
    const model = await aModel(actor)
    const file = path.join(folder, "whole")
    await backUp(file)
    const bytes = readFileSync(file)
    writeFileSync(path.join(folder, "damaged"), bytes.subarray(0, Math.floor(bytes.length / 20)))
    writeFileSync(path.join(folder, "foreign"), "nothing like it")
    for (const name of ["damaged", "foreign", "missing"])
      await expect(restore(path.join(folder, name)), name).rejects.toThrow(/damaged|not a backup|no file|refused/)
    expect(await isThere(actor.username, model.name)).toBe(true)
  })
})

test("before a migration a copy is kept, and a second start keeps none", async () => {
  if (dialect !== "sqlite") return
  const data = env.DATA_DIR
  await closeDatabase()
  env.DATA_DIR = path.join(folder, "older")
  try {
    // The database of an older release: only the first migration is applied.
    const migrationsFolder = path.join(folder, "migrations")
    cpSync(path.resolve("db/migrations/sqlite"), migrationsFolder, { recursive: true })
    const journal = path.join(migrationsFolder, "meta/_journal.json")
    writeFileSync(
      journal,
      JSON.stringify({
        ...JSON.parse(readFileSync(journal, "utf8")),
        entries: [JSON.parse(readFileSync(journal, "utf8")).entries[0]],
      }),
    )
    migrate(drizzle({ client: databaseHandle().sqlite! }), { migrationsFolder })

    await migrateDatabase()
    await migrateDatabase()
    expect(readdirSync(path.join(env.DATA_DIR, "backups"))).toEqual([
      expect.stringMatching(/^\d{4}-.*-before-upgrade\.db$/),
      expect.stringMatching(/^\d{4}-.*-before-upgrade\.db\.sha256$/),
    ])
  } finally {
    await closeDatabase()
    env.DATA_DIR = data
  }
})
