import { existsSync, readFileSync, rmSync } from "node:fs"
import path from "node:path"
import sharp from "sharp"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { read } from "@/db"
import { blobs } from "@/db/schema"
import { env } from "@/env"
import { configuredBucket } from "@/lib/bucket/bucket"
import { getCover, setCover } from "@/lib/models/cover"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { anImage, aRegistry, basic, pushImage, type Registry } from "@/lib/test/registry"
import { commands } from "./commands"
import { diagnose } from "./doctor"
import { temporaryFolder } from "./temporary-folder.mjs"

const folder = temporaryFolder("backup-s3")
const said: string[] = []
let registry: Registry

beforeAll(async () => {
  for (const way of ["log", "error"] as const)
    vi.spyOn(console, way).mockImplementation((text: string) => void said.push(text))
  registry = await aRegistry()
})
afterAll(() => registry.close())

async function run(command: string, given: Record<string, string>) {
  said.length = 0
  return { code: await commands[command]!.run(given), said: said.join("\n") }
}

test("a backup of an instance with a bucket is the database and a list of its files, and says which are missing", async () => {
  const { actor } = await anAccount()
  const { name } = await aModel(actor)
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "green" } })
    .png()
    .toBuffer()
  const { cover_upload } = await setCover(actor, actor.username, name, picture)
  await pushImage(registry, `${actor.username}/${name}`, basic(actor.username, await aToken(actor)), anImage())
  const files = (await read().select().from(blobs)).map(({ file }) => `registry/blobs/${file}`)
  const cover = `uploads/${cover_upload!.slice(0, 2)}/${cover_upload}`

  const FILE = path.join(folder, "one.db")
  expect(await run("backup", { FILE })).toMatchObject({
    code: 0,
    said: expect.stringContaining("They stay in the bucket and are not copied."),
  })
  expect(readFileSync(`${FILE}.files`, "utf8")).toBe(
    [...files, cover]
      .sort()
      .map((line) => `${line}\n`)
      .join(""),
  )
  expect(existsSync(path.join(folder, "files"))).toBe(false)
  await expect(run("backup", { FILE: path.join(folder, "two.db"), files: folder })).rejects.toMatchObject({
    detail: expect.stringContaining("omit --files"),
  })

  expect(await run("backup --verify", { FILE })).toMatchObject({ code: 0, said: expect.stringContaining("is intact") })
  expect(await run("restore", { FILE })).toMatchObject({ code: 0 })
  await configuredBucket()!.put(files[0]!, Buffer.from("another layer"))
  expect(await run("backup --verify", { FILE })).toMatchObject({
    code: 1,
    said: expect.stringContaining(`${files[0]} is damaged`),
  })
  await configuredBucket()!.remove(cover)
  for (const [command, file] of [
    ["backup", path.join(folder, "three.db")],
    ["restore", FILE],
  ] as const) {
    expect(await run(command, { FILE: file })).toMatchObject({
      code: 1,
      said: expect.stringContaining(`${cover} is missing`),
    })
  }
})

test("another server shows a picture, and its data folder holds none", async () => {
  const { actor } = await anAccount()
  const { name } = await aModel(actor, { visibility: "public" })
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
    .png()
    .toBuffer()
  const { cover_upload } = await setCover(actor, actor.username, name, picture)
  expect(existsSync(path.join(env.DATA_DIR, "uploads"))).toBe(false)
  expect(existsSync(path.join(env.DATA_DIR, "registry"))).toBe(false)
  rmSync(path.join(env.DATA_DIR, "uploads"), { recursive: true, force: true })
  expect((await getCover(null, actor.username, name, `${cover_upload}.webp`)).picture.length).toBeGreaterThan(50)
})

test("the doctor says where files lie, and what is wrong there", async () => {
  const found = async () => {
    for await (const finding of diagnose()) if (finding.what === "files") return finding
  }
  expect(await found()).toEqual({
    level: "ok",
    what: "files",
    message: `Files are stored in the bucket ${env.S3_BUCKET} at ${env.S3_ENDPOINT}; it is readable and writable.`,
  })
  const { S3_ENDPOINT } = env
  env.S3_ENDPOINT = "http://127.0.0.1:9"
  expect(await found()).toEqual({
    level: "FAIL",
    what: "files",
    message: "http://127.0.0.1:9 cannot be reached (ECONNREFUSED). Check S3_ENDPOINT and that the store is running.",
  })
  env.S3_ENDPOINT = S3_ENDPOINT
})
