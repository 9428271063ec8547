import { createServer, request as forward } from "node:http"
import type { AddressInfo } from "node:net"

/** A proxy in front of the server that records requests and can drop responses. */
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
    /** The server carries out the next request, but its response is lost. */
    loseNextAnswer: () => void toLose++,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  }
}
