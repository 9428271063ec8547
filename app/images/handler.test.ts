import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import sharp from "sharp"
import { afterAll, beforeAll, expect, test } from "vitest"

import { env } from "@/env"
import { imagePath } from "@/lib/pictures/address"
import { answerImage } from "./handler"

let host: Server
let server: Server
let [there, here] = ["", ""]
const settings = { ...env }

beforeAll(async () => {
  env.FETCH_PRIVATE = "1"
  const picture = await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .png()
    .toBuffer()
  host = createServer((request, response) =>
    request.url === "/a.png" ? response.end(picture) : response.writeHead(404).end(),
  )
  server = createServer((request, response) => void answerImage(request, response))
  for (const one of [host, server]) await new Promise<void>((ready) => one.listen(0, "127.0.0.1", ready))
  ;[there, here] = [host, server].map((one) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`) as [
    string,
    string,
  ]
})
afterAll(() => {
  Object.assign(env, settings)
  host.close()
  server.close()
})

test("a picture that a page shows is answered as one, and cannot do anything by itself", async () => {
  const path = here + imagePath(`${there}/a.png`)
  const answer = await fetch(path)
  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/webp",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "public, max-age=86400",
  })
  expect((await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).width).toBe(9)
  const again = await fetch(path, { headers: { "if-none-match": answer.headers.get("etag")! } })
  expect(again.status).toBe(304)
  expect((await fetch(path, { method: "HEAD" })).headers.get("content-type")).toBe("image/webp")
  expect((await fetch(path, { method: "POST" })).status).toBe(405)
})

test("an address that no page shows is not fetched for anybody, and what is not there is missing", async () => {
  const encoded = Buffer.from(`${there}/a.png`).toString("base64url")
  for (const path of [
    `/images/${"A".repeat(22)}/${encoded}`,
    `/images/${encoded}`,
    "/images",
    "/images/..%2f",
    imagePath(`${there}/b.png`),
  ]) {
    const answer = await fetch(here + path)
    expect([path, answer.status, answer.headers.get("cache-control")]).toEqual([path, 404, "no-store"])
  }
})
