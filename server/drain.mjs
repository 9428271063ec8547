// Graceful shutdown: no new work is accepted, requests in progress are completed, and idle connections are closed.
import { Server as NetServer } from "node:net"

/** Milliseconds for connections to end. Supervisors (systemd, Docker) should wait longer. */
const patience = 20_000
/** Milliseconds that an idle connection is kept, in case a request is on its way. */
const grace = 1000

/** Milliseconds during which pending connections are accepted. */
const welcome = 3000
/** One turn of the event loop. */
const turn = () => new Promise((resume) => setImmediate(resume))

/**
 * @param {import("node:http").Server} server
 * @param {Set<import("node:http").ServerResponse>} open responses in progress
 */
export function drain(server, open) {
  let leaving = false

  /** Event streams end only when the server ends them; clients reconnect and resume. */
  function endStreams() {
    for (const response of open) {
      if (!response.headersSent) response.setHeader("connection", "close")
      // The headers as sent: those passed to writeHead() are not always readable.
      else if (/^content-type: *text\/event-stream/im.test(Reflect.get(response, "_header"))) response.end()
    }
  }

  /**
   * A busy loop accepts one connection per turn, so a turn without a new one means that none is pending; endless new
   * ones do not delay shutdown.
   */
  async function acceptPendingConnections() {
    const enough = performance.now() + welcome
    let quiet = 0
    const someone = () => void (quiet = 0)
    server.on("connection", someone)
    while (quiet++ < 3 && performance.now() < enough) await turn()
    server.off("connection", someone)
  }

  return {
    begun: () => leaving,
    /** Resolves when every connection has ended: true if some had to be cut. @returns {Promise<boolean>} */
    async now() {
      leaving = true
      // Connections that are still in the backlog would be reset: accept them first.
      await acceptPendingConnections()
      // Tells the client to open a new connection, which reaches another server or the restarted one.
      server.prependListener("request", (_request, response) => response.setHeader("connection", "close"))
      return new Promise((resolve) => {
        // Not the HTTP server's close(): it also closes connections that are idle at this moment.
        NetServer.prototype.close.call(server, () => resolve(false))
        endStreams()
        const ending = setInterval(async () => {
          endStreams()
          // Right after the sockets were read, so that no request is unread in a connection that looks idle.
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
