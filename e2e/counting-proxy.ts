import { createServer, request as forward } from "node:http"
import type { AddressInfo } from "node:net"

/** Stands before the server, writes down what reaches it, and can lose answers on their way back. */
export async function countingProxy(target: string) {
  const requests: string[] = []
  let toLose = 0

  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    requests.push(line)
    const onward = forward(
      `${target}${request.url}`,
      { method: request.method, headers: request.headers },
      (answer) => {
        if (toLose > 0) {
          toLose--
          answer.resume().on("end", () => request.socket.destroy())
          return
        }
        response.writeHead(answer.statusCode!, answer.rawHeaders)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  }).listen(0, "127.0.0.1")
  await new Promise((listening) => server.once("listening", listening))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** The server does what is asked next, but nobody hears of it. */
    loseNextAnswer: () => void toLose++,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  }
}
