import { spawnSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { Readable } from "node:stream"
import Database from "better-sqlite3"
import { describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { getModel, updateModel } from "@/lib/models/model"
import { appendToUpload, finishUpload, startUpload } from "@/lib/registry/upload"
import { aModel, anAccount } from "@/lib/test/factories"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { backUp, backUpAll, restore, verifyBackup } from "./backup"
import { dialect } from "./kit"

const folder = temporaryFolder("checksums")

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

describe("the checksums of a backup", () => {
  const flipped = (file: string, at: number) => {
    const bytes = readFileSync(file)
    for (let n = 0; n < 8; n++) bytes[at + n]! ^= 0xff
    writeFileSync(file, bytes)
  }

  if (dialect === "sqlite")
    test("notice eight flipped bytes inside a text, which the database itself does not", async () => {
      const { actor } = await anAccount()
      const text = "a text that is long enough to lie by itself ".repeat(200)
      const { name } = await aModel(actor)
      await updateModel(actor, actor.username, name, { readme: text })
      const file = path.join(folder, "flipped")
      await backUp(file)
      expect((await verifyBackup(file)).damaged).toEqual([])

      flipped(file, readFileSync(file).indexOf("long enough to lie"))
      const copy = new Database(file, { readonly: true })
      expect(copy.pragma("integrity_check", { simple: true })).toBe("ok")
      copy.close()
      expect((await verifyBackup(file)).damaged).toEqual([file])
      await expect(restore(file)).rejects.toThrow("is damaged: it does not match its checksum")
      expect((await getModel(null, actor.username, name)).name).toBe(name)
    })

  test("cover its files, wherever they were moved together, and can be read by sha256sum", async () => {
    const { actor } = await anAccount()
    const model = await aModel(actor)
    await aBlob(actor, model, randomBytes(50_000))
    const place = path.join(folder, "moved")
    mkdirSync(place)
    const file = path.join(place, "all")
    await backUpAll(file, path.join(place, "files"))
    const other = path.join(folder, "elsewhere")
    cpSync(place, other, { recursive: true })
    rmSync(place, { recursive: true })
    const moved = path.join(other, "all")
    const checked = await verifyBackup(moved)
    expect(checked).toMatchObject({ damaged: [], missing: [] })
    expect(checked.files).toBeGreaterThan(1)
    expect(spawnSync("sha256sum", ["-c", "all.sha256"], { cwd: other }).status).toBe(0)

    const [, layer] = readFileSync(`${moved}.sha256`, "utf8").trim().split("\n")
    const name = layer!.split("  ")[1]!
    flipped(path.join(other, name), 100)
    expect((await verifyBackup(moved)).damaged).toEqual([path.join(other, name)])
    cpSync(path.join(other, "files"), path.join(folder, "third"), { recursive: true })
    rmSync(path.join(other, "files"), { recursive: true })
    expect((await verifyBackup(moved)).missing).toHaveLength(checked.files - 1)
    expect((await verifyBackup(moved, path.join(folder, "third"))).damaged).toHaveLength(1)
  })

  test("are missed by who asks for them, and by an older backup not", async () => {
    const file = path.join(folder, "older")
    await backUp(file)
    rmSync(`${file}.sha256`)
    await expect(verifyBackup(file)).rejects.toThrow("There are no checksums of")
    await restore(file)
  })
})
