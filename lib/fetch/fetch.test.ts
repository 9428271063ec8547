import dns from "node:dns"
import { createServer, type RequestListener, type Server } from "node:http"
import { syncBuiltinESMExports } from "node:module"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi, type MockInstance } from "vitest"

import { isPublic } from "./address"
import { fetchGuarded, type FetchOptions } from "./fetch"

let canary: Server
let port: number
let asked: string[] = []
let answer: RequestListener

beforeAll(async () => {
  canary = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  // Listens on every address of this machine, so that each spelling would reach it.
  await new Promise<void>((ready) => canary.listen(0, ready))
  port = (canary.address() as AddressInfo).port
})
afterAll(() => {
  canary.closeAllConnections()
  canary.close()
})
beforeEach(() => {
  asked = []
  answer = (_request, response) => response.end("reached")
})

const here = () => `http://127.0.0.1:${port}`
const open = (address: string, options: Partial<FetchOptions> = {}) =>
  fetchGuarded(address, { toPrivate: true, limit: 1024 * 1024, ...options })

const spellings = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "2130706433",
  "017700000001",
  "0x7f000001",
  "0x7f.1",
  "0x7f.0.0.0x1",
  "0177.0.0.01",
  "127.000.000.001",
  "127.0.0.1.",
  "127.255.255.254",
  "0",
  "0.0.0.0",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "%31%32%37.0.0.1",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[0:0:0:0:0:ffff:127.0.0.1]",
  "[::127.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "localhost",
  "LOCALHOST",
  "localhost.",
]

test.each(spellings)("%s is this machine however it is spelled, and is not visited", async (host) => {
  const visit = fetchGuarded(`http://${host}:${port}/`, { toPrivate: false, limit: 1000 })
  await expect(visit).rejects.toMatchObject({ reason: expect.stringMatching(/^(private|network)$/) })
  expect(asked).toEqual([])
})

test.each([
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "169.254.170.2",
  "168.63.129.16",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "240.0.0.1",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:a9fe:a9fe",
  "::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "fd00:ec2::254",
  "fc00::1",
  "ff02::1",
  "2002:7f00:1::",
  "2001:0:1::1",
  "2001:db8::1",
  "4000::1",
  "not an address",
  "",
])("%s is no address of the Internet", (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])(
  "%s is",
  (address) => {
    expect(isPublic(address)).toBe(true)
  },
)

test.each([
  ["ftp://example.com/x", "address"],
  ["file:///etc/passwd", "address"],
  ["javascript:alert(1)", "address"],
  ["//example.com", "address"],
  ["http://", "address"],
  ["http://user:secret@example.com/", "address"],
])("%s is refused before anything is asked", async (address, reason) => {
  await expect(open(address)).rejects.toMatchObject({ reason })
})

test("where this network may be visited, its answer arrives whole", async () => {
  answer = (_request, response) => response.writeHead(201, { "x-own": "1" }).end("reached")
  const fetched = await open(`${here()}/a?b=1`, { method: "POST", body: "sent", headers: { "content-type": "text/x" } })
  expect([fetched.status, fetched.headers["x-own"], await text(fetched.body)]).toEqual([201, "1", "reached"])
  expect(asked).toEqual(["POST /a?b=1"])
  expect(await text((await open(`http://localhost:${port}/`)).body)).toBe("reached")
})

test("redirects are followed only as often as asked, and are answers otherwise", async () => {
  answer = (request, response) => {
    const hop = Number(request.url!.slice(1))
    if (hop === 0) response.end("there")
    else response.writeHead(302, { location: `/${hop - 1}` }).end("moved")
  }
  expect((await open(`${here()}/1`)).status).toBe(302)
  const fetched = await open(`${here()}/3`, { redirects: 3 })
  expect([await text(fetched.body), fetched.url.pathname]).toEqual(["there", "/0"])
  await expect(open(`${here()}/4`, { redirects: 3 })).rejects.toMatchObject({ reason: "redirects" })
})

test("a redirect to what is no web address is refused", async () => {
  answer = (_request, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end()
  await expect(open(here(), { redirects: 3 })).rejects.toMatchObject({ reason: "address" })
})

test("an answer that says it is too large is not read, and one that becomes too large is cut off", async () => {
  answer = (_request, response) => response.writeHead(200, { "content-length": 10_000_000 }).write("x")
  await expect(open(here(), { limit: 1000 })).rejects.toMatchObject({ reason: "size" })

  let sent = 0
  answer = (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024
    }
    response.on("drain", more)
    more()
  }
  const { body } = await open(here(), { limit: 1024 * 1024 })
  await expect(text(body)).rejects.toMatchObject({ reason: "size", message: "The answer is larger than 1 MB." })
  expect(sent).toBeLessThan(32 * 1024 * 1024)
})

test("who does not answer, or answers without an end, is given up", async () => {
  answer = () => {}
  await expect(open(here(), { answerWithin: 300 })).rejects.toMatchObject({ reason: "time" })
  await expect(open(here(), { within: 300 })).rejects.toMatchObject({ reason: "time" })

  answer = (_request, response) => {
    response.write("a")
    const drip = setInterval(() => response.write("a"), 50)
    response.on("close", () => clearInterval(drip))
  }
  const { body } = await open(here(), { within: 500 })
  await expect(text(body)).rejects.toMatchObject({ reason: "time" })
})

test("a host that is not there, or closes the door, is told apart from an answer", async () => {
  await expect(open("http://nothing.invalid/")).rejects.toMatchObject({ reason: "network" })
  answer = (request) => request.socket.destroy()
  await expect(open(here())).rejects.toMatchObject({ reason: "network" })
  answer = (request) => request.socket.end("what is this\r\n\r\n")
  await expect(open(here())).rejects.toMatchObject({ reason: "network" })
})

test.each([
  ["ENOTFOUND", "There is no host nothing.invalid."],
  ["EAI_AGAIN", "The address of nothing.invalid could not be looked up (EAI_AGAIN)."],
])("a name server that answers %s: %s", async (code, message) => {
  const lookup = vi.spyOn(dns, "lookup") as MockInstance
  lookup.mockImplementation((hostname: string, _options: object, callback: (error: Error) => void) =>
    callback(Object.assign(new Error(code), { code, hostname })),
  )
  syncBuiltinESMExports()
  onTestFinished(() => {
    lookup.mockRestore()
    syncBuiltinESMExports()
  })
  await expect(open("http://nothing.invalid/")).rejects.toMatchObject({ reason: "network", message })
})
