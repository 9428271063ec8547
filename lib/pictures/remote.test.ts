import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { readdirSync, utimesSync } from "node:fs"
import path from "node:path"
import sharp from "sharp"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"

import { env } from "@/env"
import { renderMarkdown } from "@/lib/markdown/markdown"
import { addressIn, imagePath, withImagePaths } from "./address"
import { trimCache } from "./cache"
import { getRemotePicture } from "./remote"

let host: Server
let there: string
let asked: string[] = []
let answer: RequestListener
const settings = { ...env }

beforeAll(async () => {
  host = createServer((request, response) => {
    asked.push(request.url!)
    answer(request, response)
  })
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready))
  there = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
})
afterAll(() => {
  host.closeAllConnections()
  host.close()
})
beforeEach(() => {
  asked = []
  env.FETCH_PRIVATE = "1"
})
afterEach(() => Object.assign(env, settings))

const aPicture = (width = 40, height = 30) =>
  sharp({ create: { width, height, channels: 3, background: "navy" } })
    .withExif({ IFD0: { Copyright: "somebody" } })
    .jpeg()
    .toBuffer()
const give = (bytes: Buffer | string, status = 200) => {
  answer = (_request, response) => response.writeHead(status, { "content-type": "text/html" }).end(bytes)
}
const files = () =>
  readdirSync(path.join(env.DATA_DIR, "cache", "images"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
const age = (seconds: number) => {
  for (const file of files()) utimesSync(file, new Date(), new Date(Date.now() - seconds * 1000))
}

test("an address is shown through a path of ours that only we can make", () => {
  const url = "https://example.com/a b.png?x=1&y=ü#z"
  const shown = imagePath(url)
  expect(shown).toMatch(/^\/images\/[\w-]{22}\/[\w-]+$/)
  expect(addressIn(shown)).toBe(url)
  const other = shown.split("/")
  for (const wrong of [
    imagePath("https://example.com/").replace(/[^/]*$/, other[3]!),
    shown.replace(/^\/images\/./, (start) => (start.endsWith("-") ? "/images/_" : "/images/-")),
    `${shown}x`,
    "/images//",
    `/images/${"a".repeat(22)}/`,
    url,
  ])
    expect(addressIn(wrong), wrong).toBeUndefined()
})

test("the pictures of a README go that way, and nothing else of it changes", async () => {
  const url = "https://example.com/a.png?b=1&c=%22"
  const html = await renderMarkdown(`![one](${url}) and \`<img src="https://x">\` [link](https://example.com/)`)
  const shown = withImagePaths(html)
  expect(shown).not.toContain(`src="https:`)
  expect(shown).toContain(`<img src="${imagePath(url)}" alt="one"`)
  expect(shown).toContain('href="https://example.com/"')
  expect(shown).toContain("&lt;img src=")
})

test("a picture is drawn anew and kept, so that its host is asked once a day", async () => {
  give(await aPicture(2000, 100))
  const url = `${there}/one`
  const [first, again] = await Promise.all([getRemotePicture(url), getRemotePicture(url)])
  expect(again.bytes.equals(first.bytes)).toBe(true)
  expect(first.type).toBe("image/webp")
  const { format, width, exif } = await sharp(first.bytes).metadata()
  expect([format, width, exif]).toEqual(["webp", 1600, undefined])
  await getRemotePicture(url)
  expect(asked).toEqual(["/one"])

  age(25 * 3600)
  give(await aPicture(50, 50))
  expect((await sharp((await getRemotePicture(url)).bytes).metadata()).width).toBe(50)
  expect(asked.length).toBe(2)
})

test("while its host does not give it, an older one stays, and the host is left alone for a while", async () => {
  give(await aPicture())
  const url = `${there}/two`
  await getRemotePicture(url)
  age(48 * 3600)
  give("no", 500)
  for (let n = 0; n < 3; n++) expect((await getRemotePicture(url)).type).toBe("image/webp")
  expect(asked).toEqual(["/two", "/two"])
  for (let n = 0; n < 3; n++) await expect(getRemotePicture(`${there}/gone`)).rejects.toMatchObject({ kind: "missing" })
  expect(asked.length).toBe(3)
})

test("what moves goes on moving, unless it is too much", async () => {
  const frames = (count: number, side: number) =>
    sharp(Buffer.from(Array.from({ length: count * side * side * 3 }, (_, n) => (n * 7) % 256)), {
      raw: { width: side, height: side * count, channels: 3, pageHeight: side },
    })
      .gif()
      .toBuffer()
  give(await frames(5, 20))
  expect((await sharp((await getRemotePicture(`${there}/moves`)).bytes, { animated: true }).metadata()).pages).toBe(5)
  give(await frames(401, 4))
  const still = await getRemotePicture(`${there}/film`)
  expect((await sharp(still.bytes, { animated: true }).metadata()).pages ?? 1).toBe(1)
})

test("a drawing is shown as it is, where it can do nothing", async () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  give(drawing)
  expect(await getRemotePicture(`${there}/badge`)).toMatchObject({ type: "image/svg+xml", bytes: Buffer.from(drawing) })
  give(`<svg>${" ".repeat(600_000)}</svg>`)
  await expect(getRemotePicture(`${there}/large`)).rejects.toMatchObject({ kind: "missing" })
})

test.each([
  ["is no picture", "<p>hello"],
  ["is empty", ""],
  ["claims to be one", Buffer.from("\x89PNG\r\n\x1a\nnothing more", "latin1")],
  ["is too large", Buffer.alloc(9 * 1024 * 1024)],
])("what %s is not shown", async (what, bytes) => {
  give(bytes)
  await expect(getRemotePicture(`${there}/${encodeURIComponent(what)}`)).rejects.toMatchObject({ kind: "missing" })
})

test.each(["http://169.254.169.254/a.png", "http://localhost/a.png", "file:///etc/passwd", "https://a:b@example.com/"])(
  "%s is not fetched",
  async (url) => {
    env.FETCH_PRIVATE = "0"
    await expect(getRemotePicture(url)).rejects.toMatchObject({ kind: "missing" })
  },
)

test("what was fetched longest ago makes room", async () => {
  for (const name of ["old", "new"]) {
    give(await aPicture())
    await getRemotePicture(`${there}/${name}`)
    if (name === "old") age(3600)
  }
  const sizes = files().length
  await trimCache(1e9)
  expect(files().length).toBe(sizes)
  await trimCache(100)
  asked = []
  await getRemotePicture(`${there}/old`)
  expect(asked).toEqual(["/old"])
  await trimCache(0)
  expect(files()).toEqual([])
})
