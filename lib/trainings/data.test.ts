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
import { readTar } from "./archives"
import { readCsv, readJsonLines } from "./tables"

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
  ["photos.tar", () => "x".repeat(2000), /not a valid tar archive/],
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

const header = (size: string, type = "0") => {
  const block = Buffer.alloc(512)
  block.write("file")
  block.write(size, 124, "latin1")
  block.write(" ".repeat(8), 148)
  block.write(type, 156)
  block.write("ustar", 257)
  block.write(
    block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0") + "\0 ",
    148,
  )
  return block
}

test.each(["-1000", "-0000001000", "", "1e99999", "zzz"])(
  "an entry of a tar of the size %j is refused",
  async (size) => {
    expect((await check("x.tar", Buffer.concat([header(size), Buffer.alloc(2048)]))).problem).toMatch(
      /not a valid tar archive/,
    )
  },
)

test("an entry of a tar may say its size in binary", async () => {
  const size = Buffer.alloc(12)
  size[0] = 0x80
  size.writeUInt32BE(600, 8)
  const tar = Buffer.concat([
    header(size.toString("latin1")),
    Buffer.alloc(1024),
    header("00000000001"),
    Buffer.alloc(512),
  ])
  expect((await check("x.tar", tar)).facts[0]).toBe("A tar archive of 2 files, 601 bytes unpacked")
})

/** A repeated text in pieces of 64 kB, never in memory as a whole. */
async function* repeated(text: string, size: number, before = "") {
  yield Buffer.from(before)
  const piece = Buffer.from(text.repeat(65_536 / text.length))
  for (let sent = 0; sent < size; sent += piece.length) yield piece
}

test.each([
  ["empty rows", () => readCsv(repeated("\n", 31e6, "a,b\nc,d\n")), "A CSV file of 1 row with the columns a, b"],
  [
    "columns",
    () => readCsv(repeated(",", 31e6)),
    /^A CSV file of 0 rows with the columns (, ){19} and 31,064,045 more$/,
  ],
  ["cells", () => readCsv(repeated("b,", 31e6, "a\n")), "A CSV file of 1 row with the columns a"],
  ["rows", () => readCsv(repeated("b\n", 40e6, "a\n")), "A CSV file of at least 16,744,448 rows with the columns a"],
  ["one cell", () => readCsv(repeated("b", 31e6, 'a\n"')), "A CSV file of 1 row with the columns a"],
  ["empty lines", () => readJsonLines(repeated("\n", 31e6, "{}\n")), "1 line of JSON"],
  ["brackets", () => readJsonLines(repeated("[]", 31e6)), "1 line of JSON"],
  ["files", () => readTar(repeated(header("0").toString("latin1"), 100e6)), /only its beginning.* of 100,\d+ files/],
] as [string, () => ReturnType<typeof readCsv>, string | RegExp][])(
  "megabytes of %s need no memory",
  async (_, read, fact) => {
    const before = process.memoryUsage().heapTotal
    const { facts } = await read()
    if (typeof fact === "string") expect(facts[0]).toBe(fact)
    else expect(facts[0]).toMatch(fact)
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(150e6)
  },
  60_000,
)

test("labels without end are counted as far as memory should go", async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => `${n}`).join("\n")
  expect((await check("t.csv", `label\n${rows}`)).facts[1]).toMatch(/^at least 10,000 labels: 0 \(1\), /)
})

test("a file that many fields name is read once, and no more than fifty files are", async () => {
  const upload = async () =>
    `/v1/files/${(await uploadFile(alice, Readable.from([Buffer.from("a\nb")]), async () => ({ filename: "a.csv", type: "", metadata: {} }))).id}`
  const path = await upload()
  const files = Array.from({ length: 5000 }, (_, n) => `http://host-${n}${path}`)
  const others = Array.from({ length: 60 }, (_, n) => `data:text/csv,a%0A${n}`)
  const input = { files: [...files, ...others] }
  const checks = await checkData(
    alice.owner_id,
    input,
    input.files.map((_, n) => `files.${n}`),
  )
  expect(new Set(checks.slice(0, 5000).map(({ facts }) => facts)).size).toBe(1)
  expect(checks.at(-1)!.facts).toEqual(["Not checked: only the first 50 files are."])
}, 60_000)

test("the checksum is that of the whole file, although its check needed only the beginning", async () => {
  // `check` compares it.
  await check("x.tar", "x".repeat(3_000_000))
  await check("x.csv", `a\n${"b\n".repeat(20_000_000)}`)
}, 60_000)
