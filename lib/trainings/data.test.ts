import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { Readable } from "node:stream"
import { afterAll, beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { uploadFile } from "@/lib/files/file"
import { anAccount } from "@/lib/test/factories"
import { sha256 } from "@/lib/test/registry"
import { checkData } from "./data"

let alice: Actor
let folder: string
beforeAll(async () => {
  alice = (await anAccount()).actor
  folder = mkdtempSync(path.join(tmpdir(), "us-data-"))
  mkdirSync(path.join(folder, "photos"))
  for (const name of ["a.jpg", "b.png", "a.txt"]) writeFileSync(path.join(folder, "photos", name), name.repeat(2000))
  execFileSync(
    "python3",
    [
      "-c",
      "import zipfile; z=zipfile.ZipFile('photos.zip','w',8); [z.write('photos/'+n) for n in ('a.jpg','b.png','a.txt')]; z.close()",
    ],
    { cwd: folder },
  )
  execFileSync("tar", ["-cf", "photos.tar", "photos"], { cwd: folder })
  execFileSync("tar", ["-czf", "photos.tgz", "photos"], { cwd: folder })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string): Buffer => readFileSync(path.join(folder, name))

/** The findings for an uploaded file. */
async function check(name: string, content: Buffer | string) {
  const bytes = Buffer.from(content)
  const file = await uploadFile(alice, Readable.from([bytes]), async () => ({ filename: name, type: "", metadata: {} }))
  const [found] = await checkData(alice.owner_id, { data: `http://x/v1/files/${file.id}` }, ["data"])
  if (bytes.length > 0) expect(found!.facts.at(-1)).toContain(sha256(bytes).slice("sha256:".length))
  return found!
}

test.each(["photos.zip", "photos.tar", "photos.tgz"])(
  "%s is opened, and its pictures and captions counted",
  async (name) => {
    const { facts, problem } = await check(name, read(name))
    expect(problem).toBeNull()
    expect(facts[0]).toMatch(/^A (zip|tar) archive of 3 files, 30\.0 kB unpacked$/)
    expect(facts[1]).toBe("2 pictures, 1 with a caption")
  },
)

test.each([
  ["photos.zip", () => read("photos.zip").subarray(0, -100), /damaged/],
  ["photos.zip", () => "this is no archive", /damaged/],
  ["photos.tgz", () => read("photos.tgz").subarray(0, -20), /damaged/],
  ["photos.tar", () => read("photos.tar").subarray(0, 1500), /ends in the middle/],
  ["photos.tar", () => "x".repeat(2000), /no tar archive/],
  ["rows.csv", () => "", /empty/],
  ["rows.csv", () => "text,label\n", /no row/],
  ["rows.jsonl", () => '{"a":1}\n{"a":', /Line 2/],
] as [string, () => Buffer | string, RegExp][])(
  "%s is refused before it costs anything",
  async (name, content, problem) => {
    expect((await check(name, content())).problem).toMatch(problem)
  },
)

test("a table says its columns, labels and the first row that is not whole", async () => {
  const { facts, problem } = await check("t.csv", 'text,label\n"a, b",x\n"line\nbreak",x\nc,y\nd\n')
  expect(problem).toBeNull()
  expect(facts.slice(0, 3)).toEqual([
    "A CSV file of 4 rows with the columns text, label",
    "2 labels: x (2), y (1)",
    "Row 5 has 1 column, not 2",
  ])
})

test("data: addresses are looked at, and those of other hosts are left alone", async () => {
  const [inline, foreign] = await checkData(
    alice.owner_id,
    { a: `data:text/csv;base64,${Buffer.from("text,label\na,b").toString("base64")}`, b: "https://example.com/x.zip" },
    ["a", "b"],
  )
  expect(inline!.problem).toBeNull()
  expect(foreign).toMatchObject({ facts: [expect.stringContaining("another host")], problem: null })
})

test("an upload of somebody else is not looked at", async () => {
  const file = await uploadFile((await anAccount()).actor, Readable.from([Buffer.from("a,b\n1,2")]), async () => ({
    filename: "secret.csv",
    type: "",
    metadata: {},
  }))
  const [found] = await checkData(alice.owner_id, { data: `http://x/v1/files/${file.id}` }, ["data"])
  expect(found!.facts.join()).not.toContain("rows")
})
