import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

import { firstFile, tar } from "./tar"

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of source) list.push(item)
  return list
}

const entries = [
  { name: "folder/", mode: 0o1777 },
  { name: "folder/file", mode: 0o644, content: Buffer.from("x".repeat(1500)) },
  { name: "program", mode: 0o755, content: Buffer.alloc(0) },
  { name: "usr/lib/deep/library", mode: 0o644, content: Buffer.from("deep") },
]

test("an archive is one that tar itself reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "us-"))
  const { status } = spawnSync("tar", ["-xp", "-C", folder], { input: Buffer.concat([...tar(entries)]) })
  expect(status).toBe(0)
  expect(readFileSync(join(folder, "folder/file"), "utf8")).toBe("x".repeat(1500))
  expect(statSync(join(folder, "folder")).mode & 0o7777).toBe(0o1777)
  expect(statSync(join(folder, "program")).mode & 0o777).toBe(0o755)
  for (const above of ["usr", "usr/lib", "usr/lib/deep"]) expect(statSync(join(folder, above)).mode & 0o777).toBe(0o755)
  rmSync(folder, { recursive: true })
})

test("the one file of an archive comes out of it, however it is cut", async () => {
  const archive = Buffer.concat([...tar([{ ...entries[1]!, name: "file" }])])
  for (const size of [1, 100, 511, 512, 513, 100_000]) {
    async function* pieces() {
      for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size)
    }
    expect(Buffer.concat(await all(firstFile(pieces()))).toString()).toBe("x".repeat(1500))
  }
})

test("a folder is no file, and half an archive is none", async () => {
  const contentOf = (archive: Buffer) =>
    all(
      firstFile(
        (async function* () {
          yield archive
        })(),
      ),
    )
  await expect(contentOf(Buffer.concat([...tar([entries[0]!])]))).rejects.toThrow("it is not a file")
  await expect(contentOf(Buffer.concat([...tar([{ ...entries[1]!, name: "file" }])]).subarray(0, 900))).rejects.toThrow(
    "it ended before its end",
  )
})
