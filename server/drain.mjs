// Graceful shutdown: no new work is accepted, requests in progress are completed, and idle connections are closed.
import { Server as NetServer } from "node:net"

/** How long connections may take to end. Whoever stops us (systemd, Docker) should wait longer. */
const patience = 20_000
/** How long an idle connection is kept, in case a request is on its way along it already. */
const grace = 1000

/** How long those who had connected already are let in. */
const welcome = 3000
/** The event loop once around. */
const turn = () => new Promise((resume) => setImmediate(resume))

/** @param {import("node:http").Server} server @param {Set<import("node:http").ServerResponse>} open what is being answered */
export function drain(server, open) {
  let leaving = false

  /** An event stream ends only when we end it; its reader connects again and goes on where it was. */
  function endStreams() {
    for (const response of open) {
      if (!response.headersSent) response.setHeader("connection", "close")
      // The head as it was sent: what is passed to writeHead() is not always among the headers one can ask for.
      else if (/^content-type: *text\/event-stream/im.test(Reflect.get(response, "_header"))) response.end()
    }
  }

  /** A busy loop lets in one connection a turn, so a turn without a new one means that nobody waits; but who comes without end does not keep us. */
  async function everybodyIsIn() {
    const enough = performance.now() + welcome
    let quiet = 0
    const someone = () => void (quiet = 0)
    server.on("connection", someone)
    while (quiet++ < 3 && performance.now() < enough) await turn()
    server.off("connection", someone)
  }

  return {
    begun: () => leaving,
    /** Resolves when every connection has ended: true when some had to be cut. @returns {Promise<boolean>} */
    async now() {
      leaving = true
      // Connections that are still in the backlog would be reset: accept them first.
      await everybodyIsIn()
      // The client learns with its answer that this connection ends, and takes a new one, to another machine or to our successor.
      server.prependListener("request", (_request, response) => response.setHeader("connection", "close"))
      return new Promise((resolve) => {
        // Not the HTTP server's own close(): it also cuts connections that are idle at this very moment.
        NetServer.prototype.close.call(server, () => resolve(false))
        endStreams()
        const ending = setInterval(async () => {
          endStreams()
          // Right after the sockets were read, so that no request lies unread in one that looks idle.
          await turn()
          server.closeIdleConnections()
        }, grace)
        setTimeout(() => {
          clearInterval(ending)
          server.closeAllConnections()
          resolve(true)
        }, patience).unref()
      })
    },
  }
}
