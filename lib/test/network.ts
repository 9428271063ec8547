import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"

/**
 * The server of a URL behind a network that can lose packets, as a firewall does: connections stay open, but nothing
 * arrives any more.
 */
export async function networkTo(address: string) {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  let isDown = false
  const keep = (socket: Socket) => void sockets.add(socket.on("error", () => {}))
  const server = createServer((near) => {
    keep(near)
    if (isDown) return
    const far = connect(Number(port), hostname)
    keep(far)
    near.pipe(far).pipe(near)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = new URL(address)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    /** Silences all present connections for good, and new ones until `up`. */
    down() {
      isDown = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    up: () => void (isDown = false),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
