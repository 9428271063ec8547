import { createServer, type AddressInfo, type Socket } from "node:net"
import { expect, test } from "vitest"

import { openBucket } from "./bucket"

/** A store on a free port, which gets each connection. */
async function aStore(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}))
    serve(socket)
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bucket = openBucket({ bucket: "b", endpoint, region: "r", key: "k", secret: "s", pathStyle: true }, 200)
  return { bucket, close: () => (sockets.forEach((socket) => socket.destroy()), server.close()) }
}

test("a store that accepts connections and never answers is given up", async () => {
  const { bucket, close } = await aStore((socket) => socket.resume())
  const large = Buffer.alloc(3_000_000)
  const asked = await Promise.allSettled([
    bucket.put("key", large),
    bucket.send("key", "upload", 1, large),
    bucket.put("key", Buffer.from("small")),
    bucket.read("key"),
    bucket.sizeOf("key"),
    bucket.begin("key"),
  ])
  for (const outcome of asked)
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining("did not respond in time") } })
  close()
})

test("an upload that the store takes slowly is not given up", async () => {
  const size = 16_000_000
  let began = 0
  const { bucket, close } = await aStore((socket) => {
    began = performance.now()
    socket.write("HTTP/1.1 100 Continue\r\n\r\n")
    let received = 0
    socket.on("data", ({ length }) => {
      received += length
      if (received >= size) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
      socket.pause()
      setTimeout(() => socket.resume(), 2)
    })
  })
  await bucket.put("key", Buffer.alloc(size))
  expect(performance.now() - began).toBeGreaterThan(400)
  close()
})
